/// What a client of the supervisor asks: one JSON document a line.
struct SupervisorRequest: Sendable, Codable {
  enum Verb: String, Sendable, Codable {
    case reload, start, stop, restart, enable, disable, resetFailed, status, run, describe, end
  }

  var verb: Verb
  var units: [String] = []
  var noBlock = false
  var job: TransientJob?
}

/// What the supervisor answers: one JSON document a line.
struct SupervisorReply: Sendable, Codable {
  /// nil: done.
  var error: ServicesError.Code?
  var message: String?
  var status: UnitStatus?
  var result: JobResult?
  var isolation: Isolation?

  static let done = SupervisorReply()

  static func failed(_ error: ServicesError) -> SupervisorReply {
    SupervisorReply(error: error.code, message: error.message)
  }
}

/// How far the processes of a product are kept apart where there is no systemd.
public enum Isolation: String, Sendable, Codable {
  /// Users of their own, and a network namespace for what needs no network.
  case full
  /// Users only: this host lets nobody make namespaces.
  case users
  /// One user for all: not started as root.
  case none
}
