/// What to do with a server's answer to a request for (the rest of) a file. Pure: headers in, a step out.
enum ResumeStep: Equatable {
  /// The body is the rest: append it.
  case append
  /// The body is the whole file: drop what is there.
  case startOver
  /// What is there is of no use: drop it, and ask once more without a range.
  case askAgain
  case fail(TransportError.Code, String)

  /// The parts of an answer that matter here.
  struct Answer {
    var status: Int
    var contentLength: Int64?
    var contentRange: String?
    var contentEncoding: String?
    var validator: Validator?
  }

  /// `offset`: bytes that are already there (0: no range was asked for); `validator`: of what they come from.
  static func after(_ answer: Answer, offset: Int64, validator: Validator?, expectedLength: Int64) -> ResumeStep {
    if let encoding = answer.contentEncoding, encoding.lowercased() != "identity", (200..<300).contains(answer.status) {
      return .fail(.invalidAnswer, "content encoding \(encoding), although none was asked for")
    }
    switch answer.status {
    case 200:
      if let length = answer.contentLength, let wrong = judge(length, expectedLength) { return wrong }
      return .startOver
    case 206:
      guard offset > 0, let range = ContentRange(answer.contentRange) else {
        return .fail(.invalidAnswer, "a part without a Content-Range that was asked for")
      }
      if let total = range.total, let wrong = judge(total, expectedLength) { return wrong }
      if range.last >= expectedLength { return .fail(.tooLarge, "a range to byte \(range.last)") }
      guard range.first == offset else { return .askAgain }
      if let now = answer.validator, now != validator { return .askAgain }
      return .append
    case 416 where offset > 0: return .askAgain
    case 404, 410: return .fail(.notFound, "status \(answer.status)")
    case 200..<300: return .fail(.invalidAnswer, "status \(answer.status)")
    default: return .fail(.refused(status: answer.status), "")
    }
  }

  private static func judge(_ length: Int64, _ expected: Int64) -> ResumeStep? {
    if length > expected { return .fail(.tooLarge, "\(length) bytes announced, \(expected) expected") }
    if length < expected { return .fail(.tooShort, "\(length) bytes announced, \(expected) expected") }
    return nil
  }
}
