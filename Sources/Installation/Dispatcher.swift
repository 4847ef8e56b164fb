import Posix
import SystemPackage

/// `/usr/bin/slipway`: belongs to no product, runs the chosen product's installed `slipway`, and goes with the last one.
public enum Dispatcher {
  /// POSIX sh, so that it outlives every release. `proven` stands in where `current` cannot be run.
  static let text = """
    #!/bin/sh
    # Runs the slipway of an installed product. Made by Slipway; removed with the last product.
    root= product= previous=
    for argument in "$@"; do
      case $previous in
        --root) root=${argument%/} ;;
        --product) product=$argument ;;
      esac
      case $argument in
        --root=*) root=${argument#--root=}; root=${root%/} ;;
        --product=*) product=${argument#--product=} ;;
      esac
      previous=$argument
    done
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
      case $count:${1-} in
        1:* | *:list | *:--help | *:--version) product=$last ;;
        *)
          echo "ERROR: several products are installed:$names" >&2
          echo "Say which one: slipway --product ID ..." >&2
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
      [ -x "$program" ] && exec "$program" "$@"
    done
    echo "ERROR: $product is not installed (no slipway below $root/opt/slipway/$product)" >&2
    exit 60

    """

  public static func write(_ layout: Layout, _ undo: UndoList) throws {
    let folder = try Directory.make(layout.dispatcher.removingLastComponent(), below: layout.root)
    let bytes = Array(text.utf8)
    guard try folder.read("slipway", limit: 1 << 20) != bytes else { return }
    try undo.note([.path("/usr/bin/slipway")])
    try DurableFile.write(bytes, "slipway", in: folder, mode: 0o755)
  }
}
