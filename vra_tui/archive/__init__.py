"""Features and ranks for catalogues of light curves in HATS, partition by partition, by LSDB on Dask."""
