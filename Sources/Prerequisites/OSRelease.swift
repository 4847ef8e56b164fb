/// The few fields of os-release(5) that rules look at.
public struct OSRelease: Sendable, Equatable {
  /// Lower case, such as `debian`.
  public var id: String
  /// The systems that this one derives from, closest first.
  public var idLike: [String]
  /// Empty for rolling distributions.
  public var versionID: String
  public var prettyName: String

  public init(id: String, idLike: [String] = [], versionID: String = "", prettyName: String = "") {
    self.id = id
    self.idLike = idLike
    self.versionID = versionID
    self.prettyName = prettyName
  }

  /// Shell-like assignments, one a line; the values' quotes are taken off. The defaults are those of the man page.
  public init(parsing text: String) {
    var values: [Substring: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
      guard let equals = line.firstIndex(of: "=") else { continue }
      values[line[..<equals]] = Self.unquoted(line[line.index(after: equals)...])
    }
    self.init(
      id: values["ID"] ?? "linux", idLike: (values["ID_LIKE"] ?? "").split(separator: " ").map(String.init),
      versionID: values["VERSION_ID"] ?? "", prettyName: values["PRETTY_NAME"] ?? "Linux")
  }

  private static func unquoted(_ raw: Substring) -> String {
    var raw = raw
    while raw.last == " " || raw.last == "\t" { raw = raw.dropLast() }
    guard raw.count >= 2, let quote = raw.first, quote == "\"" || quote == "'", raw.last == quote else {
      return String(raw)
    }
    raw = raw.dropFirst().dropLast()
    guard quote == "\"" else { return String(raw) }
    var text = ""
    var escaped = false
    for character in raw {
      if character == "\\" && !escaped {
        escaped = true
      } else {
        text.append(character)
        escaped = false
      }
    }
    return text
  }
}
