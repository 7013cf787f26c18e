"""Become another program that dies when its parent does. Run as a script: leash.py SIGNAL PARENT USER COMMAND...

A supervisor killed with -9 cannot stop its children, and they would hold ports and data folders for ever. Linux can
send a child a signal at its parent's death (prctl PR_SET_PDEATHSIG, man 2 prctl), which survives exec but not a change
of user; so the user is changed first. This is a small program of its own rather than subprocess's `preexec_fn`, which
may deadlock in a process with threads. Elsewhere than on Linux leftovers wait for the next start on their data folder.

Signal and parent are numbers; USER may be empty. Only the standard library: it runs before anything is installed.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def become(user: str) -> None:
    """Give up root for an ordinary user, with that user's groups."""
    entry = pwd.getpwnam(user)
    os.initgroups(user, entry.pw_gid)
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def main(arguments: list[str]) -> None:
    """Change user, ask for the signal, exec the command; never returns."""
    signal_number, parent, user, *command = arguments
    if user:
        become(user)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal_number))
    if os.getppid() != int(parent):  # the parent died before the signal was asked for
        sys.exit(1)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
