import Product
import ProductTOML

extension FuzzTarget {
  static let documents = [
    document("product", ProductManifest.self) { manifest in
      _ = manifest.problems()
      _ = try? ProductManifest.parse(manifest.encoded())
    },
    document("policy", Policy.self) { policy in _ = try? Policy.parse(policy.encoded(), for: policy.id) },
    document("channel", Channel.self) { channel in
      _ = try? Channel.parse(channel.encoded(), for: channel.id, channel: channel.channel)
    },
    manifest, config,
  ]

  /// A JSON document of Slipway's: parse, encode, parse gives the same.
  private static func document<Value: Document & Equatable>(
    _ name: String, _: Value.Type, _ use: @escaping @Sendable (Value) -> Void
  ) -> FuzzTarget {
    FuzzTarget(name) { (bytes) throws(Finding) in
      guard let value = try? Value(parsing: bytes) else { return false }
      let text = try mustSucceed("encoded") { () throws in try value.encoded() }
      let again = try mustSucceed("parsed again") { () throws in try Value(parsing: text) }
      try require(again == value, "differs after writing and reading")
      use(value)
      return true
    }
  }

  /// A publisher's product manifest: what is accepted compiles to JSON that a device accepts and reads as the same.
  private static let manifest = FuzzTarget("manifest") { (bytes) throws(Finding) in
    guard let text = String(validating: bytes, as: UTF8.self),
      let manifest = try? ProductTOML.parse(text, file: "input", readFile: { "the licence of \($0)" })
    else { return false }
    let compiled = try mustSucceed("compiled") { () throws in try manifest.encoded() }
    let read = try mustSucceed("read by a device") { () throws in try ProductManifest.parse(compiled) }
    try require(read == manifest, "a device reads another manifest")
    return true
  }

  /// A device's config.toml.
  private static let config = FuzzTarget("config", maximumLength: 4096) { (bytes) throws(Finding) in
    guard let text = String(validating: bytes, as: UTF8.self),
      let configuration = try? ConfigTOML.parse(text, file: "input")
    else { return false }
    try require(configuration.problems().isEmpty, "accepted with problems")
    let again = try mustSucceed("written and read again") { () throws in
      try ConfigTOML.parse(ConfigTOML.text(configuration), file: "again")
    }
    try require(again == configuration, "differs after writing and reading")
    return true
  }
}
