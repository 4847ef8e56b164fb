import Posix
import Product
import SystemPackage

/// Where everything of one product lies on a device; the picture is in `docs/design.md`, "On the device".
public struct Layout: Sendable, Equatable {
  /// `/`, or the folder that stands for it (tests, demos, image builds).
  public let root: FilePath
  public let product: ProductID

  public init(root: FilePath = "/", product: ProductID) {
    self.root = root
    self.product = product
  }

  /// Whether this is the machine itself, whose systemd and accounts may be changed.
  public var isHost: Bool { root == "/" }

  /// The name of the user, and of its group, that fetch runs as.
  public var fetchUser: String { "slipway-\(product)" }

  private func at(_ folder: String) -> FilePath { root.appending(FilePath(folder).components) }

  /// Versions and the links `current`, `proven`, `previous`.
  public var versions: FilePath { at("opt/slipway/\(product)") }
  public var configuration: FilePath { at("etc/slipway/\(product)") }
  public var state: FilePath { at("var/lib/slipway/\(product)") }
  /// The first service's own folder, with the product's data folders in it.
  public var data: FilePath { at("var/lib/\(product)") }
  public var logs: FilePath { at("var/log/slipway/\(product)") }
  public var run: FilePath { at("run/slipway/\(product)") }
  public var units: FilePath { at("etc/systemd/system") }
  /// The sysusers.d(5) text that the product's users were made from; not in /etc, so that nothing is left there.
  public var sysusers: FilePath { state.appending("sysusers.conf") }
  public var dispatcher: FilePath { at("usr/bin/slipway") }

  /// TUF metadata that this device trusts, byte for byte as received.
  public var trustedMetadata: FilePath { state.appending("trusted/metadata") }
  /// The same again, each file behind its own SHA-256.
  public var trustedCopies: FilePath { state.appending("trusted/copies") }
  /// The small targets that decisions rest on (policy, channel), named by their SHA-256.
  public var trustedTargets: FilePath { state.appending("trusted/targets") }
  /// The sealed tree manifests of what is installed, `app-VERSION.json`.
  public var trees: FilePath { state.appending("trees") }
  /// The same again, each file behind its own SHA-256.
  public var treeCopies: FilePath { trees.appending("copies") }
  /// Root-only copies of what came in: what is hashed, parsed and extracted.
  public var incoming: FilePath { state.appending("incoming") }
  /// The manifests in ``trees``.
  public var sealed: MirroredFiles { MirroredFiles(trees, copies: treeCopies) }
  /// The folder that fetch may write.
  public var fetch: FilePath { state.appending("fetch") }
  public var installLog: FilePath { logs.appending("install.log") }

  /// The products installed below `root`, sorted: those with a `current` or a `proven` link.
  public static func products(root: FilePath) -> [ProductID] {
    guard let directory = try? Directory.open(root.appending("opt/slipway")), let names = try? directory.names() else {
      return []
    }
    return names.compactMap { name in
      guard let id = try? ProductID(name), let product = try? directory.directory(name),
        ["current", "proven"].contains(where: { (try? product.status($0))??.kind == .link })
      else { return nil }
      return id
    }
  }
}
