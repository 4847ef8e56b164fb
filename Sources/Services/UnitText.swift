/// Collects the sections of a unit file (systemd.syntax(7)).
struct UnitText {
  private var lines: [String]

  init(description: String) throws(ServicesError) {
    lines = ["# Written by Slipway; changes are lost at the next update.", "[Unit]"]
    try add("Description", Self.escapeSpecifiers(description))
  }

  mutating func section(_ name: String) {
    lines += ["", "[\(name)]"]
  }

  /// Adds a setting whose value stands for itself. Throws `malformed` when the value does not fit on one line.
  mutating func add(_ key: String, _ value: String) throws(ServicesError) {
    guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), !value.hasSuffix("\\") else {
      throw ServicesError(.malformed, "\(key)=: a value that does not fit on one line of a unit file")
    }
    lines.append("\(key)=\(value)")
  }

  /// Adds lines that are known to be well formed.
  mutating func add(_ more: [String]) {
    lines += more
  }

  func file(_ name: String, wantedBy: String? = nil) -> UnitFile {
    var all = lines
    if let wantedBy { all += ["", "[Install]", "WantedBy=\(wantedBy)"] }
    return UnitFile(name: name, text: all.joined(separator: "\n") + "\n", wantedBy: wantedBy)
  }

  /// `%` begins a specifier in nearly every setting.
  static func escapeSpecifiers(_ text: String) -> String {
    text.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
  }

  /// One word of a command line as systemd.service(5) reads it back. References to the service's own folders stay
  /// references; every other dollar sign stands for itself.
  static func word(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\"", "\\": result += "\\" + String(character)
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "%": result += "%%"
      case "$": result += "$$"
      default: result.unicodeScalars.append(character)
      }
    }
    for kind in ServiceFolder.Kind.allCases {
      let pieces = result.split(separator: "$${\(kind.variable)}", omittingEmptySubsequences: false)
      result = pieces.joined(separator: "${\(kind.variable)}")
    }
    let plain = !result.isEmpty && result.unicodeScalars.allSatisfy { !" '\"\\;#".unicodeScalars.contains($0) }
    return plain ? result : "\"\(result)\""
  }
}
