import ArgumentParser
import Console
import Installation
import Product
import ProductTOML
import Updating

/// `slipway config show`: what counts, and who says so.
struct ConfigShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what counts now, whoever says it.",
    discussion: """
      Example: slipway config show --origin
      Each value is an admin's (with file and line), the product's (manifest), or nobody's (default).
      """)

  struct Document: Encodable {
    struct Value: Encodable {
      let key: String
      /// As TOML writes it.
      let value: String
      /// A file's path, `manifest` or `default`.
      let origin: String
      /// In that file, from 1.
      var line: Int?
    }

    let schema = "slipway.config/1"
    let values: [Value]
  }

  @Flag(help: "Say which file and line each value comes from.") var origin = false
  @OptionGroup var options: Options

  func run() throws {
    let layout = try options.installed()
    let values = try Self.values(layout, try Configuration.load(layout))
    if options.json { return try Output.document(Document(values: values)) }
    for one in values {
      let place = one.line.map { "\(one.origin):\($0)" } ?? one.origin
      Output.line("\(one.key) = \(one.value.sanitized())\(origin ? "    # \(place)" : "")")
    }
  }

  private static func values(_ layout: Layout, _ wishes: Configuration) throws -> [Document.Value] {
    let origins = try Configuration.origins(layout)
    let standard = Set(ConfigTOML.entries(Configuration(UpdateRules())).map { "\($0)" })
    let manifest = try? Device.currentManifest(layout)
    let base = manifest.map { wishes.over(Configuration($0, wishes)) } ?? wishes
    return ConfigTOML.entries(base).map { entry in
      if let said = origins.last(where: { $0.entry.key == entry.key }) {
        return .init(key: entry.key, value: entry.value, origin: said.file, line: said.line)
      }
      let origin = standard.contains("\(entry)") ? "default" : "manifest"
      return .init(key: entry.key, value: entry.value, origin: origin)
    }
  }
}

extension Configuration {
  /// Rules as if an admin had said them all.
  fileprivate init(_ rules: UpdateRules) {
    self.init()
    updatesOn = true
    intervalSeconds = rules.intervalSeconds
    window = rules.window
    deferMaxSeconds = rules.deferMaxSeconds
    deferMaxCriticalSeconds = rules.deferMaxCriticalSeconds
    catchUpSeconds = rules.catchUpSeconds
    keepVersions = rules.keepVersions
    bandwidthBytesPerSecond = rules.bandwidthBytesPerSecond
  }

  /// What counts where the admin says nothing.
  fileprivate init(_ product: ProductManifest, _ wishes: Configuration) {
    self.init(wishes.updates(for: product))
    channel = product.channel
    metadata = product.repository.metadata
    targets = product.repository.targets
  }
}
