/// What every role's metadata begins with (specification, section 4.2).
public struct Header: Sendable, Equatable {
  /// At least 1, and less than `Int.max`.
  public let version: Int
  /// Seconds since 1970.
  public let expires: Int64
  /// All fields of the signed object, those included that this library does not know.
  public let fields: JSONValue

  /// Throws `wrongType`, `unsupported` for a specification other than 1.x, or `malformed`.
  init(_ signed: JSONValue, type: String) throws(TUFError) {
    let fields = try Fields(signed, type)
    let found = try fields.string("_type")
    guard found == type else { throw TUFError(.wrongType, "\"\(found)\" where \"\(type)\" is expected") }
    let specification = try fields.string("spec_version")
    guard Self.isSupported(specification) else {
      throw TUFError(.unsupported, "specification version \(specification)")
    }
    version = try fields.integer("version", atLeast: 1)
    // There is always a next version, so that nobody who adds one has to ask.
    guard version < Int.max else { throw TUFError(.malformed, "\(type): \"version\" is the last there can be") }
    guard let expires = ISO8601.parse(try fields.string("expires")) else {
      throw TUFError(.malformed, "\(type): \"expires\" is not a date like 2030-01-31T00:00:00Z")
    }
    self.expires = expires
    self.fields = signed
  }

  /// "1.MINOR" or "1.MINOR.PATCH", all numbers.
  private static func isSupported(_ specification: String) -> Bool {
    let parts = specification.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return (2...3).contains(parts.count) && parts[0].elementsEqual("1".utf8)
      && parts.allSatisfy { part in
        !part.isEmpty && part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      }
  }
}

/// The metadata of one kind of role, interpreted.
public protocol RoleMetadata: Sendable {
  var header: Header { get }
  init(_ signed: JSONValue) throws(TUFError)
}

extension RoleMetadata {
  public var version: Int { header.version }
  /// Seconds since 1970.
  public var expires: Int64 { header.expires }
}
