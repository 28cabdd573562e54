"""Where a key must not be found: nobody but root may come by it, and not even root by chance."""
import pathlib


def of_processes(keys):
    """Of any process: those that hold the key in what everybody, or its user, may read of it."""
    for proc in pathlib.Path('/proc').glob('[0-9]*'):
        for name in ('cmdline', 'environ'):
            try:
                told = (proc / name).read_bytes()
            except OSError:  # it has ended
                continue
            if any(key.encode() in told for key in keys):
                yield f'{name} of {proc.name} ({told[:80]!r})'


def in_files(keys, folder):
    """Files below the folder, or that file, which hold one."""
    folder = pathlib.Path(folder)
    for path in [folder, *folder.rglob('*')]:
        try:
            told = path.read_bytes() if path.is_file() and not path.is_symlink() else b''
        except OSError:  # it is gone
            continue
        if any(key.encode() in told for key in keys):
            yield path


def is_open(path, top):
    """May somebody else than the owner read it? Whoever may not come through a folder may not."""
    path, top = pathlib.Path(path), pathlib.Path(top)
    if path.stat().st_mode & 0o077 == 0:
        return False
    while path != top and path != path.parent:
        path = path.parent
        if path.stat().st_mode & 0o077 == 0:
            return False
    return True
