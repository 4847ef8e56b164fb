import Proxies

/// The table `[proxy]` of a configuration.
enum ProxyTOML {
  static let keys: Set<String> = ["mode", "servers", "bypass", "script"]

  static func parse(_ top: Section) throws(ProductTOMLError) -> ProxySettings? {
    guard let table = try top.section("proxy", keys: keys) else { return nil }
    guard let mode = try table.choice("mode", among: ProxyMode.self) else { throw table.missing("mode") }
    var settings = ProxySettings(mode)
    for (index, text) in (try table.strings("servers") ?? []).enumerated() {
      settings.servers.append(
        try table.setting("servers[\(index)]") { () throws(ProxySettingsError) in try ManualProxy(parsing: text) })
    }
    for (index, text) in (try table.strings("bypass") ?? []).enumerated() {
      settings.bypass.append(
        try table.setting("bypass[\(index)]") { () throws(ProxySettingsError) in try BypassRule(parsing: text) })
    }
    if let text = try table.string("script") {
      settings.script = try table.setting("script") { () throws(ProxySettingsError) in try ScriptSource(parsing: text) }
    }
    try check(settings, table)
    return settings
  }

  private static func check(_ settings: ProxySettings, _ table: Section) throws(ProductTOMLError) {
    let servers = settings.servers
    if settings.mode == .manual || !servers.isEmpty {
      _ = try table.setting("servers") { () throws(ProxySettingsError) in try ManualProxy.checked(servers) }
    }
    let bypass = settings.bypass
    _ = try table.setting("bypass") { () throws(ProxySettingsError) in try BypassRule.checked(bypass) }
    switch settings.mode {
    case .none, .manual, .autodetect: return
    case .autoscript:
      if settings.script == nil {
        throw table.error(.missingKey, "script", "mode = \"autoscript\" needs the script's address")
      }
    case .environment:
      throw table.error(
        .invalidValue, "mode",
        "'environment' is for commands that a person types; what runs in the background has no such variables")
    }
  }
}

extension Section {
  /// Makes a checked proxy setting; a refused one becomes an error with this key's line.
  fileprivate func setting<Value>(
    _ key: String, _ make: () throws(ProxySettingsError) -> Value
  ) throws(ProductTOMLError) -> Value {
    do throws(ProxySettingsError) {
      return try make()
    } catch {
      throw self.error(.invalidValue, key, error.description)
    }
  }
}
