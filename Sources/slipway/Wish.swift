import Console
import Installation
import Product
import ProductTOML

/// One change of what `config.d/90-local.toml` says, by a verb.
struct Wish {
  struct Document: Encodable {
    let schema = "slipway.wish/1"
    let key: String
    /// As TOML writes it; nil where nothing says anything.
    let value: String?
    /// The file that has the last word; nil where none says anything.
    let origin: String?
  }

  let options: Options

  init(_ options: Options) { self.options = options }

  /// - Parameters:
  ///   - key: what is changed, as config.toml names it.
  ///   - says: what is true now, in words.
  func take(_ key: String, says: String, _ change: (inout Configuration) throws -> Void) throws {
    try options.requireRoot()
    let layout = try options.installed()
    try LocalConfiguration(try options.device(layout, by: .caller)).change(change)
    let origin = try Configuration.origins(layout).last { $0.entry.key == key }
    let own = "/\(LocalConfiguration.name)"
    if let origin, !origin.file.hasSuffix(own) {
      Output.tell("WARNING: \(origin.file) says \(key) = \(origin.entry.value), and counts: change it there")
    }
    if options.json {
      try Output.document(Document(key: key, value: origin?.entry.value, origin: origin?.file))
    } else {
      Output.line("\(layout.product): \(says); the next poll heeds it (`slipway update` makes one now)")
    }
  }
}
