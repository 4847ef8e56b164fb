import Cryptography

/// What timestamp and snapshot say of another metadata file (specification, sections 4.4 and 4.5).
public struct FileMeta: Sendable, Equatable {
  /// At least 1.
  public let version: Int
  /// Bytes; optional in the format.
  public let length: Int?
  /// Hexadecimal digests by algorithm; empty when the format's optional field is left out.
  public let hashes: [String: String]

  init(_ json: JSONValue, _ place: String) throws(TUFError) {
    let fields = try Fields(json, place)
    version = try fields.integer("version", atLeast: 1)
    length = try fields.optionalInteger("length", atLeast: 0)
    hashes = json["hashes"] == nil ? [:] : try Hashes.read(fields)
    guard json["hashes"] == nil || Hashes.areUsable(hashes) else { throw Hashes.unusable(place) }
  }

  /// Throws `lengthOrHash` unless `bytes` are what is described.
  func check(_ bytes: [UInt8], role: String) throws(TUFError) {
    if let length, bytes.count != length {
      throw TUFError(.lengthOrHash, role: role, "\(bytes.count) bytes where \(length) are listed")
    }
    if !hashes.isEmpty { try Hashes.check(bytes, hashes, role: role) }
  }
}

/// Objects that map a hash algorithm to a hexadecimal digest.
enum Hashes {
  static func read(_ fields: Fields) throws(TUFError) -> [String: String] {
    var hashes: [String: String] = [:]
    for (algorithm, json) in try fields.object("hashes") {
      guard let text = json.string else { throw TUFError(.malformed, "hash \(algorithm) is not a string") }
      hashes[algorithm] = text
    }
    guard !hashes.isEmpty else { throw TUFError(.malformed, "hashes without a hash") }
    return hashes
  }

  static func areUsable(_ hashes: [String: String]) -> Bool {
    hashes.keys.contains { Digest.Algorithm(rawValue: $0) != nil }
  }

  static func unusable(_ place: String) -> TUFError {
    TUFError(.unsupported, "\(place): neither sha256 nor sha512 among the hashes")
  }

  /// Every hash of a known algorithm must match; others say nothing.
  static func check(_ bytes: [UInt8], _ hashes: [String: String], role: String) throws(TUFError) {
    for (name, expected) in hashes {
      guard let algorithm = Digest.Algorithm(rawValue: name) else { continue }
      guard let actual = try? Digest.of(bytes, algorithm), Hex.encode(actual) == expected else {
        throw TUFError(.lengthOrHash, role: role, "\(name) differs from the listed one")
      }
    }
  }
}
