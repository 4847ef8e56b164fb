import Product

/// A device's config.toml, or one file of config.d.
public enum ConfigTOML {
  /// Reads a configuration and checks its values.
  ///
  /// - Throws: `ProductTOMLError`, naming file, line and key (exit code 78).
  public static func parse(_ text: String, file: String) throws(ProductTOMLError) -> Configuration {
    let top = try Section(
      text: text, file: file,
      keys: [
        "channel", "channelAllowsDowngrade", "pin", "avoid", "rings", "updates", "hold", "proxy", "repository", "tpm",
        "transport",
      ])
    var result = Configuration()
    result.channel = try top.string("channel")
    result.channelAllowsDowngrade = try top.bool("channelAllowsDowngrade")
    result.pin = try pin(top)
    result.avoided = try avoided(top)
    result.rings = try top.strings("rings")
    result.hold = try HoldTOML.parse(top)
    result.proxy = try ProxyTOML.parse(top)
    if let tpm = try top.section("tpm", keys: ["tcti", "authorities", "endorsementKeys"]) {
      result.tcti = try tpm.string("tcti")
      result.tpmAuthorities = try tpm.string("authorities")
      result.endorsementKeys = try tpm.strings("endorsementKeys")
    }
    result.caFile = try top.section("transport", keys: ["caFile"])?.required("caFile")
    if let repository = try top.section("repository", keys: ["metadata", "targets"]) {
      result.metadata = try repository.strings("metadata")
      result.targets = try repository.strings("targets")
    }
    if let updates = try top.section("updates", keys: UpdateRules.keys.union(["enabled"])) {
      result.updatesOn = try updates.bool("enabled")
      result.intervalSeconds = try updates.duration("interval")
      result.window = try updates.strings("window")
      result.deferMaxSeconds = try updates.duration("deferMax")
      result.deferMaxCriticalSeconds = try updates.duration("deferMaxCritical")
      result.catchUpSeconds = try updates.duration("catchUp")
      result.keepVersions = try updates.int("keepVersions")
      result.bandwidthBytesPerSecond = try updates.rate("bandwidth")
    }
    if let problem = result.problems().first { throw top.source.error(problem) }
    return result
  }

  private static func avoided(_ top: Section) throws(ProductTOMLError) -> [SemanticVersion]? {
    guard let texts = try top.strings("avoid") else { return nil }
    return try texts.map { (text) throws(ProductTOMLError) in
      try top.checked("avoid") { () throws(ProductError) in try SemanticVersion(text) }
    }
  }

  /// `pin = "1.4.2"`, or a table with `version` and `allowDowngrade`.
  private static func pin(_ top: Section) throws(ProductTOMLError) -> Configuration.Pin? {
    guard top.has("pin") else { return nil }
    guard top.isTable("pin"), let table = try top.section("pin", keys: ["version", "allowDowngrade"]) else {
      let text = try top.required("pin")
      return Configuration.Pin(try top.checked("pin") { () throws(ProductError) in try SemanticVersion(text) })
    }
    let text = try table.required("version")
    return Configuration.Pin(
      try table.checked("version") { () throws(ProductError) in try SemanticVersion(text) },
      allowDowngrade: try table.bool("allowDowngrade") ?? false)
  }
}
