import Bundles
import Console
import Cryptography
import Installation
import Product
import TUF

/// The answers of --info and --detect, and the last line of a run.
enum Reports {
  private struct Info: Encodable {
    let schema = "slipway.info/1"
    let product: String
    let name: String
    let publisher: String
    let version: String
    let platform: String
    /// SHA-256 of the root of trust that the file carries.
    let root: String
    let rootVersion: Int
    /// RFC 3339.
    let rootExpires: String
    let timestampExpires: String?
  }

  private struct Detection: Encodable {
    let schema = "slipway.detect/1"
    let product: String
    let offered: String
    let installed: String?
    /// `absent`, `older`, `same` or `newer`: what is installed, compared with this file.
    let result: String
  }

  private struct Result: Encodable {
    let schema = "slipway.setup/1"
    let result: String
    let product: String
    let version: String
  }

  static func info(_ offered: Offered, _ door: Door, _ opened: OpenedBundle, json: Bool) throws {
    guard let trusted = door.trusted else { return }
    let info = Info(
      product: offered.product.id.text, name: offered.product.name.text, publisher: offered.product.publisher,
      version: offered.version.description, platform: door.platform.text, root: try sha256(opened.root).hex,
      rootVersion: trusted.root.version, rootExpires: Product.Timestamp(seconds: trusted.root.expires).description,
      timestampExpires: trusted.timestamp.map { Product.Timestamp(seconds: $0.expires).description })
    if json { return try Output.document(info) }
    Output.line("\(info.name) (\(info.product)) \(info.version) for \(info.platform), by \(info.publisher)")
    Output.line("root of trust: version \(info.rootVersion), SHA-256 \(info.root), expires \(info.rootExpires)")
    if let expires = info.timestampExpires { Output.line("fresh until:   \(expires)") }
  }

  static func detect(_ offered: Offered, installed: SemanticVersion?, json: Bool) throws {
    let result =
      installed.map { $0 == offered.version ? "same" : $0 < offered.version ? "older" : "newer" } ?? "absent"
    let detection = Detection(
      product: offered.product.id.text, offered: offered.version.description, installed: installed?.description,
      result: result)
    if json { return try Output.document(detection) }
    Output.line(
      "\(detection.product): \(result) (installed \(detection.installed ?? "none"), offered \(detection.offered))")
  }

  static func result(_ result: String, _ layout: Layout, _ version: SemanticVersion, _ command: SetupCommand) throws {
    if command.json {
      try Output.document(Result(result: result, product: layout.product.text, version: version.description))
    }
    if !command.quiet { Output.tell("\(layout.product) \(version) is installed already; it keeps itself current") }
  }
}
