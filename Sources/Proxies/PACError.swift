/// Why a proxy auto-configuration script gave no decision: never a reason to go on without a proxy. Equal by code.
public struct PACError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// The script does not compile, threw an exception, or has no `FindProxyForURL`.
    case script
    /// A limit was reached: memory, time, look-ups, or size.
    case limit
    /// The script answered with something else than a list of routes.
    case answer
    /// The evaluator cannot be started or reached, or is not confined.
    case unavailable
    /// The evaluator ended, or spoke nonsense, in the middle of a question.
    case lost
  }

  public let code: Code
  /// Where the script came from.
  public let source: String
  /// Of the script, from 1; nil where no line is at fault, or none is known.
  public let line: Int?
  public let message: String

  public init(_ code: Code, source: String, line: Int? = nil, _ message: String) {
    self.code = code
    self.source = source
    self.line = line
    self.message = message
  }

  public static func == (a: PACError, b: PACError) -> Bool { a.code == b.code }

  public var description: String {
    "\(source)\(line.map { ", line \($0)" } ?? ""): \(message)"
  }

  /// What to do about it.
  public var remedy: String {
    switch code {
    case .script, .answer:
      "have whoever keeps the proxy auto-configuration script mend it, or set another proxy mode with `slipway proxy set`"
    case .limit:
      "have whoever keeps the proxy auto-configuration script make it shorter or quicker, or set another proxy mode with `slipway proxy set`"
    case .unavailable, .lost:
      "look at the messages of the service slipway-pac (or of `slipway run`), and try again"
    }
  }
}
