/// How an agent says that it must not be restarted now.
public enum BusySign: Equatable, Sendable, Codable {
  /// Busy when the program ends with 0; the first word is a path in the release's tree.
  case command([String])
  /// Busy while the file at this absolute path exists.
  case lockFile(String)

  enum CodingKeys: String, CodingKey { case command, lockFile }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let command = try container.decodeIfPresent([String].self, forKey: .command)
    let lockFile = try container.decodeIfPresent(String.self, forKey: .lockFile)
    switch (command, lockFile) {
    case (let command?, nil): self = .command(command)
    case (nil, let path?): self = .lockFile(path)
    case (let command, _):
      throw ProductError(
        command == nil ? .unsupported : .invalid, key: decoder.codingPath.place,
        value: command == nil ? "no known sign" : "two signs", allowed: "exactly one of command, lockFile")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .command(let command): try container.encode(command, forKey: .command)
    case .lockFile(let path): try container.encode(path, forKey: .lockFile)
    }
  }
}
