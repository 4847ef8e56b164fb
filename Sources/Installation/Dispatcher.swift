import Posix
import SystemPackage

/// `/usr/bin/slipway`: belongs to no product, runs the chosen product's installed `slipway`, and goes with the last one.
public enum Dispatcher {
  /// Tells a dispatcher of any release from a program of somebody else's; `offboard.sh` looks for it too.
  static let mark = "Made by Slipway; removed with the last product."

  /// POSIX sh, so that it outlives every release. `proven` stands in where `current` cannot be run.
  static let text = """
    #!/bin/sh
    # Runs the slipway of an installed product. \(mark)
    root= product= previous= any= best=
    below() {
      if [ -z "$1" ]; then
        echo "ERROR: --root needs a folder" >&2
        echo "Name a folder that is there." >&2
        exit 64
      fi
      root=${1%/}
    }
    for argument in "$@"; do
      case $previous in
        --root) below "$argument" ;;
        --product) product=$argument ;;
      esac
      case $argument in
        --root=*) below "${argument#--root=}" ;;
        --product=*) product=${argument#--product=} ;;
        # What is said without looking at a product, or of one that is not installed.
        --help | -h | --version | --manifest | --manifest=* | --generate-completion-script*) any=yes ;;
      esac
      previous=$argument
    done
    # The newest of the updaters that can be run: `--version` needs no product.
    newest() {
      best=
      for name in $names; do
        for link in current proven; do
          program=$root/opt/slipway/$name/$link/slipway/bin/slipway
          [ -x "$program" ] && version=$("$program" --version 2>/dev/null) && [ -n "$version" ] || continue
          if [ -z "$best" ] || [ "$(printf '%s\\n' "$best" "$version" | sort -V | tail -n 1)" != "$best" ]; then
            best=$version product=$name
          fi
          break
        done
      done
    }
    count=0 names=
    for link in "$root"/opt/slipway/*/current; do
      [ -L "$link" ] || continue
      folder=${link%/current}
      name=${folder##*/}
      count=$((count + 1)) names="$names $name" last=$name
    done
    if [ "$count" -eq 0 ]; then
      echo "ERROR: no product is installed by Slipway" >&2
      echo "Install one with its Setup file." >&2
      exit 60
    fi
    if [ -z "$product" ]; then
      case $count:${1-}:$any in
        1:*) product=$last ;;
        *:list:* | *:help:* | *:completions:* | *:manual:* | *:yes)
          product=$last
          newest
          ;;
        *)
          echo "ERROR: several products are installed:$names" >&2
          echo "Say which one: slipway ${1:-VERB} --product ID" >&2
          exit 64
          ;;
      esac
    fi
    case $product in
      '' | *[!a-z0-9-]*)
        echo "ERROR: '$product' is not a product's name" >&2
        exit 64
        ;;
    esac
    for link in current proven; do
      program=$root/opt/slipway/$product/$link/slipway/bin/slipway
      if [ -n "$best" ] && ! "$program" --version >/dev/null 2>&1; then continue; fi
      [ -x "$program" ] && exec "$program" "$@"
    done
    echo "ERROR: $product is not installed (no slipway below $root/opt/slipway/$product)" >&2
    exit 60

    """

  /// - Throws: `fileSystem` where a file of that name was made by somebody else.
  static func check(_ layout: Layout) throws(InstallationError) {
    let isForeign: Bool
    do { isForeign = try self.isForeign(layout) } catch { throw InstallationError(error) }
    guard isForeign else { return }
    throw InstallationError(
      .fileSystem, "\(layout.dispatcher) is there, and Slipway did not make it",
      remedy: "move it away: the command `slipway` of all products is put there")
  }

  private static func isForeign(_ layout: Layout) throws(PosixError) -> Bool {
    let folder: Directory
    do { folder = try Directory.open(layout.dispatcher.removingLastComponent()) } catch {
      if error.isNotFound { return false }
      throw error
    }
    guard let there = try folder.status("slipway") else { return false }
    guard there.kind == .file, let bytes = try folder.read("slipway", limit: 1 << 20) else { return true }
    return !String(decoding: bytes, as: UTF8.self).contains(mark)
  }

  public static func write(_ layout: Layout, _ undo: UndoList) throws {
    try check(layout)
    let folder = try Directory.make(layout.dispatcher.removingLastComponent(), below: layout.root)
    let bytes = Array(text.utf8)
    guard try folder.read("slipway", limit: 1 << 20) != bytes else { return }
    try undo.note([.path("/usr/bin/slipway")])
    try DurableFile.write(bytes, "slipway", in: folder, mode: 0o755)
  }
}
