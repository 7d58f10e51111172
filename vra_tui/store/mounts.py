"""Tell whether a file lies on another machine's disk, as far as the system says."""

from pathlib import Path

_NETWORK = frozenset(
    "nfs nfs4 cifs smb3 smbfs afs ncpfs 9p ceph lustre gpfs beegfs glusterfs fuse.sshfs fuse.glusterfs "
    "fuse.ceph fuse.rclone".split()
)


def network_file_system(path: Path, mounts: Path = Path("/proc/mounts")) -> str | None:
    """The kind and the mount point of the network file system that holds ``path``; None where none is known.

    ``mounts``: the system's list, a line a mount: device, mount point, kind …
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    here, kind, inner = path.resolve(), "", Path()
    for fields in (line.split() for line in lines):
        if len(fields) < 3:
            continue
        point = Path(fields[1].replace("\\040", " "))
        # The innermost counts, and of several at one place the last.
        if here.is_relative_to(point) and len(point.parts) >= len(inner.parts):
            kind, inner = fields[2], point
    return f"{kind} ({inner})" if kind in _NETWORK else None
