import Product
import Proxies

extension ConfigTOML {
  /// One wish: `key` with its table before it (`updates.interval`), `value` as TOML writes it.
  public struct Entry: Equatable, Sendable {
    public let key: String
    public let value: String

    public init(_ key: String, _ value: String) {
      self.key = key
      self.value = value
    }

    /// The table's name; empty at the top.
    var table: Substring { key.lastIndex(of: ".").map { key[..<$0] } ?? "" }
    var name: Substring { key.lastIndex(of: ".").map { key[key.index(after: $0)...] } ?? key[...] }
  }

  /// The line on which a text says something of `key`, or of the table around it; from 1.
  public static func line(of key: String, in text: String) -> Int? { KeyLines(text).line(of: key) }

  /// A configuration as a file that reads back as the same.
  public static func text(_ configuration: Configuration) -> String { text(entries(configuration)) }

  /// Entries as a file; those of one table stand together.
  public static func text(_ entries: [Entry]) -> String {
    var tables: [Substring] = [""]
    for entry in entries where !tables.contains(entry.table) { tables.append(entry.table) }
    var lines: [String] = []
    for table in tables {
      if !table.isEmpty { lines += ["", "[\(table)]"] }
      lines += entries.filter { $0.table == table }.map { "\($0.name) = \($0.value)" }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// What a configuration says, wish by wish.
  public static func entries(_ configuration: Configuration) -> [Entry] {
    var entries: [Entry] = []
    func add(_ key: String, _ value: String?) { if let value { entries.append(Entry(key, value)) } }
    func seconds(_ value: Int64?) -> String? { value.map { quoted("\($0)s") } }
    add("channel", configuration.channel.map(quoted))
    add("channelAllowsDowngrade", configuration.channelAllowsDowngrade.map { "\($0)" })
    add("rings", configuration.rings.map(array))
    add("pin.version", configuration.pin.map { quoted("\($0.version)") })
    add("pin.allowDowngrade", configuration.pin.map { "\($0.allowDowngrade)" })
    add("avoid", configuration.avoided.map { array($0.map(\.description)) })
    add("hold.until", configuration.hold.map { quoted($0.until.map { "\($0)" } ?? HoldTOML.released) })
    add("hold.reason", configuration.hold?.reason.map(quoted))
    if let proxy = configuration.proxy {
      add("proxy.mode", quoted(proxy.mode.rawValue))
      if !proxy.servers.isEmpty { add("proxy.servers", array(proxy.servers.map(\.description))) }
      if !proxy.bypass.isEmpty { add("proxy.bypass", array(proxy.bypass.map(\.description))) }
      add("proxy.script", proxy.script.map { quoted($0.description) })
    }
    add("tpm.tcti", configuration.tcti.map(quoted))
    add("tpm.authorities", configuration.tpmAuthorities.map(quoted))
    add("tpm.endorsementKeys", configuration.endorsementKeys.map(array))
    add("transport.caFile", configuration.caFile.map(quoted))
    add("repository.metadata", configuration.metadata.map(array))
    add("repository.targets", configuration.targets.map(array))
    add("updates.enabled", configuration.updatesOn.map { "\($0)" })
    add("updates.interval", seconds(configuration.intervalSeconds))
    add("updates.window", configuration.window.map(array))
    add("updates.deferMax", seconds(configuration.deferMaxSeconds))
    add("updates.deferMaxCritical", seconds(configuration.deferMaxCriticalSeconds))
    add("updates.catchUp", seconds(configuration.catchUpSeconds))
    add("updates.keepVersions", configuration.keepVersions.map { "\($0)" })
    add("updates.bandwidth", configuration.bandwidthBytesPerSecond.map { quoted("\($0)B/s") })
    return entries
  }

  /// What can be set, each with its table.
  public static let keys = [
    "channel", "channelAllowsDowngrade", "rings", "pin.version", "pin.allowDowngrade", "avoid", "hold.until",
    "hold.reason", "proxy.mode", "proxy.servers", "proxy.bypass", "proxy.script", "tpm.tcti", "tpm.authorities",
    "tpm.endorsementKeys", "transport.caFile", "repository.metadata", "repository.targets", "updates.enabled",
    "updates.interval", "updates.window", "updates.deferMax", "updates.deferMaxCritical", "updates.catchUp",
    "updates.keepVersions", "updates.bandwidth",
  ]

  private static func array(_ values: [String]) -> String { "[\(values.map(quoted).joined(separator: ", "))]" }

  /// A basic string (TOML 1.0, "String").
  public static func quoted(_ text: String) -> String {
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
