"""The work that is measured, by python-tuf's client: ngclient.py METADATA_FOLDER URL [NAMES]

Refreshes, and looks up every target that the file NAMES lists. METADATA_FOLDER has a root.json.
"""

import sys
from pathlib import Path

from tuf.ngclient import Updater

folder, url, *names = sys.argv[1:]
updater = Updater(folder, url, bootstrap=None)
updater.refresh()
if names:
    for name in Path(names[0]).read_text().splitlines():
        if updater.get_targetinfo(name) is None:
            sys.exit(f"nobody signs for {name}")
