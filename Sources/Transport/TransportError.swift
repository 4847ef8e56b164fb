import Proxies

/// Why a transfer failed. Equal by code; the rest is for people.
public struct TransportError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Hashable, Sendable {
    /// The server says that there is no such file (404, 410).
    case notFound
    /// The server answered with a status that is neither success nor redirect.
    case refused(status: Int)
    /// No answer: the step that failed.
    case unreachable(Step)
    /// The connection ended in the middle of an answer.
    case interrupted
    /// Nothing, or less than the least acceptable rate, arrived for a whole window.
    case stalled
    /// More bytes than expected, announced or sent.
    case tooLarge
    /// The server's file is shorter than expected.
    case tooShort
    /// As many bytes as expected, with another hash.
    case wrongContent
    /// An answer that HTTP does not allow here, or that is not followed (such as a redirect from https to http).
    case invalidAnswer
    /// Not an http or https URL.
    case invalidURL
    /// The bound on the whole transfer has passed.
    case overdue
    /// A local file could not be written; see errno(3).
    case disk(errno: Int32)
    case cancelled
  }

  /// The step on the way to a server.
  public enum Step: String, Hashable, Sendable {
    case dns, connect, tls
    /// No proxy answers as it should, or nobody can say which is to be asked.
    case proxy
    /// A proxy answers, and does not let this through.
    case proxyRefusal
    /// The server wants to know who asks, and the device's own key could not be used.
    case identity
  }

  public let code: Code
  /// The URL, or for ``Code/disk(errno:)`` the path.
  public let place: String
  public let detail: String
  /// How long the server asked to be left alone (Retry-After), at most 24 hours.
  public let retryAfter: Duration?

  public init(_ code: Code, _ place: String, _ detail: String = "", retryAfter: Duration? = nil) {
    self.code = code
    self.place = place
    self.detail = detail
    self.retryAfter = retryAfter
  }

  public static func == (a: TransportError, b: TransportError) -> Bool { a.code == b.code }

  /// True when asking the same server again within minutes cannot help.
  public var isPermanent: Bool {
    switch code {
    case .refused(let status): status < 500 && ![408, 425, 429].contains(status)
    case .unreachable(.tls), .unreachable(.proxyRefusal): true
    case .unreachable, .interrupted, .stalled: false
    case .notFound, .tooLarge, .tooShort, .wrongContent, .invalidAnswer, .invalidURL, .overdue, .disk, .cancelled: true
    }
  }

  /// True when no other server can help either.
  var endsEverything: Bool {
    switch code {
    case .disk, .cancelled, .overdue: true
    default: false
    }
  }

  /// Without user and password of any address in it.
  public var description: String {
    (detail.isEmpty ? "\(place): \(summary)" : "\(place): \(summary) (\(detail))").withoutUserinfo()
  }

  private var summary: String {
    switch code {
    case .notFound: "no such file on the server"
    case .refused(let status): "the server answered \(status)"
    case .unreachable(.dns): "the host name cannot be resolved; check the name and the device's DNS"
    case .unreachable(.connect): "no connection; check the network, the address and the firewall"
    case .unreachable(.tls): "no trusted TLS connection; check the device's clock and its CA certificates"
    case .unreachable(.proxy): "no way through the proxy; check the proxy setting"
    case .unreachable(.proxyRefusal):
      "the proxy does not let it through; ask whoever runs it, or check the user and password that are set for it"
    case .interrupted: "the connection ended too early"
    case .unreachable(.identity):
      "no connection, for the server asks for the device's own key, and that could not be used"
    case .stalled: "the transfer stalled"
    case .tooLarge: "more bytes than expected"
    case .tooShort: "fewer bytes than expected"
    case .wrongContent: "not the file that is signed"
    case .invalidAnswer: "the server's answer cannot be used"
    case .invalidURL: "not an http or https URL"
    case .overdue: "not done within the time allowed"
    case .disk(let code): "cannot be written, error \(code)"
    case .cancelled: "cancelled"
    }
  }
}
