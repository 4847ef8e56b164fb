import CDuktape
import Proxies
import Synchronization

/// The script in its engine. There is one in a process.
enum Script {
  struct Failure: Error {
    let code: PACError.Code
    var line = 0
    let message: String
  }

  /// What the present question has brought in: the time, and the names that have been looked up for it.
  private struct Question {
    var time = PACTime(milliseconds: 0, offset: 0)
    var names: [String: [IPAddress]] = [:]
    var own: [IPAddress]?
  }
  private static let question = Mutex(Question())

  private static let world = HelperWorld(
    addresses: { name in
      if let known = question.withLock({ $0.names[name] }) { return known }
      let found = Channel.addresses("name", name)
      question.withLock { $0.names[name] = found }
      return found
    },
    ownAddresses: {
      if let known = question.withLock({ $0.own }) { return known }
      let found = Channel.addresses("own", "")
      question.withLock { $0.own = found }
      return found
    },
    time: { question.withLock { $0.time } },
    alert: { Channel.send(PACFrame(.alert, String($0.prefix(1024)))) })

  /// Runs the script's own statements, with at most so many bytes of memory and seconds of processor time.
  static func load(_ text: [UInt8], name: String, memory: Int, computing: Double) throws(Failure) {
    guard shim_duktape_create(memory, { Script.answer(number: $0, $1, $2, $3) }) else {
      throw Failure(code: .limit, message: "the script engine does not fit into \(memory) bytes")
    }
    for helper in HelperFunction.allCases {
      for name in helper.names where !shim_duktape_define(name, helper.rawValue) {
        throw Failure(code: .limit, message: "the script engine does not fit into \(memory) bytes")
      }
    }
    let last = PACFrame(
      .failure, PACError.Code.limit.rawValue, "0",
      "the script computed for more than \(computing) seconds, in a regular expression or another built-in function"
    ).encoded
    last.withUnsafeBytes { shim_duktape_set_last_words($0.baseAddress, $0.count) }
    shim_duktape_set_limit(computing)
    let outcome = text.withUnsafeBytes { shim_duktape_run($0.baseAddress, $0.count, name) }
    if let failure = failure(outcome, computing, memory) { throw failure }
    guard entry != nil else {
      throw Failure(code: .script, message: "there is no function FindProxyForURL in the script")
    }
  }

  /// The Ex function, which promises to know IPv6, is preferred.
  private static var entry: String? {
    ["FindProxyForURLEx", "FindProxyForURL"].first { shim_duktape_has($0) }
  }

  /// What the script answers to one question.
  static func ask(url: [UInt8], host: [UInt8], time: PACTime, memory: Int, computing: Double) throws(Failure) -> String
  {
    question.withLock { $0 = Question(time: time) }
    shim_duktape_set_clock(Double(time.milliseconds), Int32(time.offset))
    shim_duktape_set_limit(computing)
    guard let entry else { throw Failure(code: .script, message: "FindProxyForURL is a function no more") }
    let outcome = url.withUnsafeBytes { url in
      host.withUnsafeBytes { host in
        shim_duktape_call(entry, url.baseAddress, url.count, host.baseAddress, host.count)
      }
    }
    if let failure = failure(outcome, computing, memory) { throw failure }
    guard outcome.kind == SHIM_TEXT else {
      throw Failure(code: .answer, message: "\(entry) answered \(outcome.said.prefix(100)), which is no string")
    }
    return outcome.said
  }

  private static func failure(_ outcome: shim_outcome, _ computing: Double, _ memory: Int) -> Failure? {
    guard outcome.failed else { return nil }
    let line = Int(outcome.line)
    if outcome.overdue {
      return Failure(code: .limit, line: line, message: "the script computed for more than \(computing) seconds")
    }
    if outcome.exhausted {
      return Failure(code: .limit, line: line, message: "the script took more than \(memory) bytes of memory")
    }
    return Failure(code: .script, line: line, message: outcome.said)
  }

  /// Called by the engine in the middle of the script.
  private static func answer(
    number: Int32, _ arguments: UnsafePointer<shim_argument>?, _ count: Int32,
    _ reply: UnsafeMutablePointer<shim_reply>?
  ) {
    guard let reply, let helper = HelperFunction(rawValue: number) else { return }
    let values = UnsafeBufferPointer(start: arguments, count: Int(count)).map { HelperValue($0) }
    do throws(HelperMisuse) {
      switch try helper.call(values, in: world) {
      case .nothing: reply.pointee.kind = SHIM_NULL
      case .truth(let truth): (reply.pointee.kind, reply.pointee.number) = (SHIM_BOOLEAN, truth ? 1 : 0)
      case .number(let number): (reply.pointee.kind, reply.pointee.number) = (SHIM_NUMBER, number)
      case .text(let text): set(text, SHIM_TEXT, reply)
      case .match(let expression) where expression.utf8.count > Int(SHIM_REPLY_BYTES):
        set("shExpMatch: the pattern has more than \(SHIM_REPLY_BYTES) bytes", SHIM_ERROR, reply)
      case .match(let expression): set(expression, SHIM_MATCH, reply)
      }
    } catch {
      set(error.reason, SHIM_ERROR, reply)
    }
  }

  private static func set(_ text: String, _ kind: shim_kind, _ reply: UnsafeMutablePointer<shim_reply>) {
    let bytes = Array(text.utf8.prefix(Int(SHIM_REPLY_BYTES)))
    reply.pointee.kind = kind
    reply.pointee.length = bytes.count
    UnsafeMutableRawBufferPointer(start: reply.pointee.text, count: bytes.count).copyBytes(from: bytes)
  }
}

extension HelperValue {
  fileprivate init(_ argument: shim_argument) {
    switch argument.kind {
    case SHIM_BOOLEAN: self = .truth(argument.number != 0)
    case SHIM_NUMBER: self = .number(argument.number)
    case SHIM_TEXT:
      let bytes = UnsafeRawBufferPointer(start: argument.text, count: argument.length)
      self = .text(String(decoding: bytes, as: UTF8.self))
    default: self = .nothing
    }
  }
}

extension shim_outcome {
  fileprivate var said: String {
    String(decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self)
  }
}
