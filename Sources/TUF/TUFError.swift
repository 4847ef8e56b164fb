import Cryptography

/// Why metadata was refused or could not be used. Two errors are equal when their codes are.
public struct TUFError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable, CaseIterable {
    /// Not strict JSON, a field missing or of the wrong type, or a value out of range.
    case malformed
    /// Fewer valid signatures by distinct authorised keys than the threshold.
    case signature
    /// A version lower than one that was trusted before, or a role that vanished from the snapshot.
    case rollback
    /// Expired at the time of the check, and no waiver applies.
    case expired
    /// Length or hash differ from what the referring metadata says.
    case lengthOrHash
    /// The source has no such file, or it is longer than allowed and so was not read.
    case missing
    /// Longer than the limit for this kind of file.
    case tooLong
    /// No delegation leads to the role, or the snapshot does not list it.
    case unknownRole
    /// The version differs from the one that was asked for.
    case wrongVersion
    /// The metadata is of another type, such as a snapshot where a timestamp is expected.
    case wrongType
    /// A feature of the format that is not supported.
    case unsupported
    /// The source took longer than the run may take.
    case overdue
    /// Another client is at work on the same store.
    case busy
    /// An edit that the repository's metadata does not allow, or a draft that is not complete.
    case edit
  }

  public let code: Code
  /// The role concerned, where there is one.
  public let role: String?
  public let detail: String
  /// The version that is trusted or that was asked for, where versions are what it is about.
  public let have: Int?
  /// The version that was refused, where it is known.
  public let got: Int?

  public init(_ code: Code, role: String? = nil, have: Int? = nil, got: Int? = nil, _ detail: String) {
    self.code = code
    self.role = role
    self.have = have
    self.got = got
    self.detail = detail
  }

  public var description: String {
    (role.map { "\($0) metadata: " } ?? "") + "\(code.rawValue): \(detail)"
  }

  public static func == (one: TUFError, other: TUFError) -> Bool { one.code == other.code }

  /// The same error, said of `role` if it did not name one.
  func about(_ role: String) -> TUFError {
    self.role == nil ? TUFError(code, role: role, have: have, got: got, detail) : self
  }
}
