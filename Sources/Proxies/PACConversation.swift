import Posix

/// What an evaluator says of itself before it is given anything.
struct PACConfinementReport: Sendable, Equatable {
  let user: Int
  let process: Int
  /// One line for each thing that it tried and was refused, as `open: EPERM`.
  let refusals: [String]
}

/// An evaluator that has loaded the script.
final class PACConversation {
  let report: PACConfinementReport
  private let context: PACContext
  private let connection: PACConnection

  init(_ launch: PACLaunch, _ context: PACContext, until deadline: Int64) throws(PACError) {
    let connection = try PACConnection(launch, source: context.source)
    (self.connection, self.context) = (connection, context)
    let ready = try connection.receive(until: deadline)
    if ready.kind == .failure { throw Self.failure(ready, context.source) }
    guard ready.kind == .ready, let user = ready.number(0), let process = ready.number(1) else {
      throw PACError(.unavailable, source: context.source, "what answers is no evaluator")
    }
    report = PACConfinementReport(
      user: user, process: process, refusals: ready.fields.indices.dropFirst(2).compactMap { ready.text($0) })
    let limits = context.limits
    try connection.send(
      PACFrame(
        .script,
        [
          Array(context.source.utf8), Array(context.script.utf8), Array("\(limits.memory)".utf8),
          Array("\(Int(limits.computing * 1000))".utf8),
        ]), until: deadline)
    // A script may look names up while it is loaded.
    _ = try follow(until: .loaded, deadline)
  }

  /// The script's answer, a string.
  func ask(_ question: PACQuestion, until deadline: Int64) throws(PACError) -> String {
    let time = context.clock()
    try connection.send(
      PACFrame(.question, question.url, question.host, "\(time.milliseconds)", "\(time.offset)"), until: deadline)
    return try follow(until: .answer, deadline).text(0) ?? ""
  }

  /// Serves the evaluator until it says `end`.
  private func follow(until end: PACFrame.Kind, _ deadline: Int64) throws(PACError) -> PACFrame {
    var lookups = 0
    var alerts = 0
    while true {
      let frame = try connection.receive(until: deadline)
      switch frame.kind {
      case end: return frame
      case .failure: throw Self.failure(frame, context.source)
      case .alert:
        alerts += 1
        if alerts <= 16 { context.log("\(context.source) says: \(Self.said(frame, 0))") }
      case .lookup:
        lookups += 1
        guard lookups <= context.limits.lookups else {
          throw PACError(
            .limit, source: context.source, "more than \(context.limits.lookups) name look-ups for one question")
        }
        let found = addresses(frame.text(0), frame.text(1) ?? "", deadline)
        try connection.send(PACFrame(.addresses, found.prefix(16).map { Array($0.description.utf8) }), until: deadline)
      default:
        throw PACError(.lost, source: context.source, "the evaluator speaks out of turn (\(frame.kind))")
      }
    }
  }

  private func addresses(_ kind: String?, _ name: String, _ deadline: Int64) -> [IPAddress] {
    switch kind {
    case "own": return context.names.own()
    case "name":
      let remaining = Double(deadline - HostClock.monotonicNanoseconds()) / 1e9
      guard Self.isName(name), remaining > 0 else { return [] }
      return context.names.resolve(name, min(context.limits.lookup, remaining))
    default: return []
    }
  }

  /// Anything else cannot be a host's name, and the resolver is not bothered with it.
  private static func isName(_ text: String) -> Bool {
    (1...253).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
      }
  }

  private static func failure(_ frame: PACFrame, _ source: String) -> PACError {
    let line = frame.number(1).flatMap { $0 > 0 ? $0 : nil }
    return PACError(
      frame.text(0).flatMap { PACError.Code(rawValue: $0) } ?? .lost, source: source, line: line,
      said(frame, 2))
  }

  /// Words of a script, or of whoever has taken over its evaluator, as they may be shown.
  private static func said(_ frame: PACFrame, _ field: Int) -> String {
    (frame.text(field) ?? "").sanitized(limit: 512)
  }
}

/// What all conversations about one script share.
struct PACContext: Sendable {
  let script: String
  let source: String
  let limits: PACLimits
  let names: PACNames
  let clock: @Sendable () -> PACTime
  let log: @Sendable (String) -> Void
}
