import Cryptography
import FoundationEssentials

extension TreeManifest {
  /// The manifest as JSON: the same manifest always gives the same bytes.
  public func encoded() throws(ArchiveError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    } catch {
      throw ArchiveError(.malformedManifest, nil, "\(error)")
    }
  }

  /// Reads and checks a manifest. Errors: wrongSchema, malformedManifest, and those of the public initialiser; unlike
  /// there, the entries must come in order.
  public init(parsing bytes: [UInt8]) throws(ArchiveError) {
    do {
      self = try JSONDecoder().decode(TreeManifest.self, from: Data(bytes))
    } catch let error as ArchiveError {
      throw error
    } catch let error as DecodingError {
      throw ArchiveError(.malformedManifest, nil, Self.place(error))
    } catch {
      throw ArchiveError(.malformedManifest, nil, "\(error)")
    }
  }

  private static func place(_ error: DecodingError) -> String {
    let context: DecodingError.Context
    switch error {
    case .dataCorrupted(let c), .keyNotFound(_, let c), .typeMismatch(_, let c), .valueNotFound(_, let c): context = c
    @unknown default: return "\(error)"
    }
    let place = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
    return place.isEmpty ? context.debugDescription : "at \(place.dropFirst()): \(context.debugDescription)"
  }
}

extension TreeManifest: Codable {
  private enum Key: String, CodingKey { case schema, id, version, platform, entries, specialModes, totals }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let schema = try container.decode(String.self, forKey: .schema)
    guard schema == Self.schema else { throw ArchiveError(.wrongSchema, nil, schema) }
    try self.init(
      id: container.decode(String.self, forKey: .id),
      version: container.decode(String.self, forKey: .version),
      platform: container.decode(String.self, forKey: .platform),
      sorted: container.decode([Entry].self, forKey: .entries),
      specialModes: container.decode([EntryPath].self, forKey: .specialModes))
    let given = try container.decode(Totals.self, forKey: .totals)
    guard given == totals else {
      throw ArchiveError(
        .malformedManifest, nil,
        "totals say \(given.bytes) bytes in \(given.inodes) inodes, the entries \(totals.bytes) in \(totals.inodes)")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Self.schema, forKey: .schema)
    try container.encode(id, forKey: .id)
    try container.encode(version, forKey: .version)
    try container.encode(platform, forKey: .platform)
    try container.encode(entries, forKey: .entries)
    try container.encode(specialModes, forKey: .specialModes)
    try container.encode(totals, forKey: .totals)
  }
}

extension TreeManifest.Entry: Codable {
  private enum Key: String, CodingKey { case path, type, mode, size, sha256, target }
  private enum EntryType: String, Codable { case file, directory, link }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let path = try container.decode(EntryPath.self, forKey: .path)
    func mode() throws -> UInt32 {
      let text = try container.decode(String.self, forKey: .mode)
      guard text.utf8.count == 4, let mode = UInt32(text, radix: 8), mode <= 0o7777 else {
        throw ArchiveError(.wrongMode, path.string, text)
      }
      return mode
    }
    switch try container.decode(EntryType.self, forKey: .type) {
    case .directory:
      guard try mode() == TreeManifest.directoryMode else { throw ArchiveError(.wrongMode, path.string) }
      self.init(path, .directory)
    case .link:
      self.init(path, .link(target: try container.decode(String.self, forKey: .target)))
    case .file:
      let size = try container.decode(Int64.self, forKey: .size)
      let digest = try container.decode(SHA256Digest.self, forKey: .sha256)
      self.init(path, .file(mode: try mode(), size: size, sha256: digest))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(path, forKey: .path)
    switch kind {
    case .directory:
      try container.encode(EntryType.directory, forKey: .type)
      try container.encode(TreeManifest.octal(TreeManifest.directoryMode), forKey: .mode)
    case .link(let target):
      try container.encode(EntryType.link, forKey: .type)
      try container.encode(target, forKey: .target)
    case .file(let mode, let size, let sha256):
      try container.encode(EntryType.file, forKey: .type)
      try container.encode(TreeManifest.octal(mode), forKey: .mode)
      try container.encode(size, forKey: .size)
      try container.encode(sha256, forKey: .sha256)
    }
  }
}
