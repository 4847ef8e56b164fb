import Product
import Proxies

extension ConfigTOML {
  /// A configuration as a file that reads back as the same.
  public static func text(_ configuration: Configuration) -> String {
    var lines: [String] = []
    func add(_ key: String, _ value: String?) { if let value { lines.append("\(key) = \(value)") } }
    add("channel", configuration.channel.map(quoted))
    add("channelAllowsDowngrade", configuration.channelAllowsDowngrade.map { "\($0)" })
    add("rings", configuration.rings.map(array))
    if let pin = configuration.pin {
      lines += ["", "[pin]", "version = \(quoted("\(pin.version)"))", "allowDowngrade = \(pin.allowDowngrade)"]
    }
    if let proxy = configuration.proxy {
      lines += ["", "[proxy]", "mode = \(quoted(proxy.mode.rawValue))"]
      if !proxy.servers.isEmpty { add("servers", array(proxy.servers.map(\.description))) }
      if !proxy.bypass.isEmpty { add("bypass", array(proxy.bypass.map(\.description))) }
      add("script", proxy.script.map { quoted($0.description) })
    }
    let tpm = lines.count
    add("tcti", configuration.tcti.map(quoted))
    add("authorities", configuration.tpmAuthorities.map(quoted))
    add("endorsementKeys", configuration.endorsementKeys.map(array))
    if lines.count > tpm { lines.insert(contentsOf: ["", "[tpm]"], at: tpm) }
    if let caFile = configuration.caFile { lines += ["", "[transport]", "caFile = \(quoted(caFile))"] }
    if configuration.metadata != nil || configuration.targets != nil {
      lines += ["", "[repository]"]
      add("metadata", configuration.metadata.map(array))
      add("targets", configuration.targets.map(array))
    }
    let start = lines.count
    add("enabled", configuration.updatesOn.map { "\($0)" })
    add("interval", configuration.intervalSeconds.map { quoted("\($0)s") })
    add("window", configuration.window.map(array))
    add("deferMax", configuration.deferMaxSeconds.map { quoted("\($0)s") })
    add("deferMaxCritical", configuration.deferMaxCriticalSeconds.map { quoted("\($0)s") })
    add("keepVersions", configuration.keepVersions.map { "\($0)" })
    add("bandwidth", configuration.bandwidthBytesPerSecond.map { quoted("\($0)B/s") })
    if lines.count > start { lines.insert(contentsOf: ["", "[updates]"], at: start) }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func array(_ values: [String]) -> String { "[\(values.map(quoted).joined(separator: ", "))]" }

  /// A basic string (TOML 1.0, "String").
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
