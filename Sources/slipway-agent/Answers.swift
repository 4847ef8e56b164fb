import Glibc
import NIOHTTP1

/// What the agent says to each question, as a function of the request line.
struct Answers: Sendable {
  let version: String
  private let started = Self.monotonicSeconds()

  init(version: String) {
    self.version = version
  }

  /// The status and the JSON document for one request; the version holds no character that JSON escapes.
  func answer(method: HTTPMethod, uri: String) -> (HTTPResponseStatus, String) {
    guard method == .GET || method == .HEAD else {
      return (.methodNotAllowed, #"{"error":"only GET is answered"}"#)
    }
    switch uri.prefix(while: { $0 != "?" }) {
    case "/health":
      let uptime = Self.monotonicSeconds() - started
      return (.ok, #"{"status":"passing","version":"\#(version)","pid":\#(getpid()),"uptime":\#(uptime)}"#)
    case "/version":
      return (.ok, #"{"version":"\#(version)"}"#)
    default:
      return (.notFound, #"{"error":"ask for /health or /version"}"#)
    }
  }

  private static func monotonicSeconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec
  }
}
