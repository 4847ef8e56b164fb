/// Why there is no proxy decision: never a reason to go on without a proxy. Equal by code.
public struct ProxyError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// Not an http or https URL.
    case address
    /// The proxy script cannot be had.
    case scriptUnavailable
    /// The script was had, and gave no decision.
    case evaluation
  }

  public let code: Code
  public let message: String
  /// What to do about it.
  public let remedy: String

  init(_ code: Code, _ message: String, remedy: String) {
    self.code = code
    self.message = message
    self.remedy = remedy
  }

  public static func == (a: ProxyError, b: ProxyError) -> Bool { a.code == b.code }

  public var description: String { message }
}
