import Posix

/// Why a bundle was not let in.
public struct BundleError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Sendable, Equatable {
    /// The container itself is not a bundle or a Setup file.
    case malformed
    /// A signed length or hash does not match the bytes, or the file is of a kind that is never accepted.
    case mismatch
    /// The bundle does not bring something that its own metadata promises.
    case missing
    /// What is signed belongs to another product or platform, or contradicts itself.
    case wrongProduct
    /// A role signed something that is not its to sign.
    case wrongRole
    case noSpace
    case fileSystem
  }

  public let code: Code
  /// What and where, in one sentence.
  public let message: String
  /// What to do about it, where the code alone does not say.
  public let remedy: String?

  public init(_ code: Code, _ message: String, remedy: String? = nil) {
    self.code = code
    self.message = message
    self.remedy = remedy
  }

  init(_ error: PosixError) {
    self.init(error.isNoSpace ? .noSpace : .fileSystem, error.description, remedy: error.remedy)
  }

  public static func == (a: BundleError, b: BundleError) -> Bool { a.code == b.code }
  public var description: String { message }
}
