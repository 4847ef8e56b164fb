import Testing

@testable import Transport

@Suite struct ResumeStepTests {
  static let one = Validator.entityTag("\"one\"")

  @Test(
    arguments: [
      (200, 0, nil, 100, nil, .startOver), (200, 40, nil, 100, nil, .startOver), (200, 0, nil, nil, nil, .startOver),
      (200, 0, nil, 101, nil, .fail(.tooLarge, "")), (200, 0, nil, 99, nil, .fail(.tooShort, "")),
      (206, 40, "bytes 40-99/100", 60, one, .append), (206, 40, "bytes 40-99/*", 60, nil, .append),
      (206, 40, "bytes 40-99/100", 60, .entityTag("\"two\""), .askAgain),
      (206, 40, "bytes 30-99/100", 70, one, .askAgain), (206, 40, "bytes 40-100/101", 61, one, .fail(.tooLarge, "")),
      (206, 40, "bytes 40-100/*", 61, one, .fail(.tooLarge, "")),
      (206, 40, "bytes 40-89/90", 50, one, .fail(.tooShort, "")),
      (206, 40, nil, 60, one, .fail(.invalidAnswer, "")),
      (206, 0, "bytes 0-99/100", 100, one, .fail(.invalidAnswer, "")),
      (416, 40, "bytes */40", 0, nil, .askAgain), (416, 0, nil, 0, nil, .fail(.refused(status: 416), "")),
      (204, 0, nil, nil, nil, .fail(.invalidAnswer, "")), (404, 0, nil, nil, nil, .fail(.notFound, "")),
      (403, 0, nil, nil, nil, .fail(.refused(status: 403), "")),
      (503, 0, nil, nil, nil, .fail(.refused(status: 503), "")),
    ] as [(Int, Int64, String?, Int64?, Validator?, ResumeStep)])
  func eachAnswerHasItsStep(
    status: Int, offset: Int64, range: String?, length: Int64?, validator: Validator?, expected: ResumeStep
  ) {
    let answer = ResumeStep.Answer(
      status: status, contentLength: length, contentRange: range, contentEncoding: nil, validator: validator)
    let step = ResumeStep.after(answer, offset: offset, validator: Self.one, expectedLength: 100)
    if case .fail(let code, _) = expected, case .fail(let found, _) = step {
      #expect(found == code)
    } else {
      #expect(step == expected)
    }
  }

  @Test(arguments: [
    "", "bytes", "bytes 1-2", "bytes 2-1/5", "bytes 0-5/5", "bytes -1-5/9", "bytes a-b/c", "items 0-1/2",
    "bytes 0-1/2/3",
    "bytes 0-1/x", "bytes 1-/5", "bytes */5",
  ])
  func malformedRangesAreRefused(header: String) {
    #expect(ContentRange(header) == nil)
  }

  @Test(
    arguments: [
      ("\"a\"", nil, nil, .entityTag("\"a\"")), ("W/\"a\"", nil, nil, nil), ("a", nil, nil, nil), ("\"", nil, nil, nil),
      ("W/\"a\"", "Sun, 06 Nov 1994 08:49:37 GMT", nil, .lastModified("Sun, 06 Nov 1994 08:49:37 GMT")),
      (nil, "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", nil),
      (
        nil, "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:38 GMT",
        .lastModified("Sun, 06 Nov 1994 08:49:37 GMT")
      ),
      (nil, "yesterday", nil, nil), (nil, nil, nil, nil),
    ] as [(String?, String?, String?, Validator?)])
  func onlyStrongValidatorsCount(tag: String?, modified: String?, date: String?, expected: Validator?) {
    #expect(Validator(entityTag: tag, lastModified: modified, date: date) == expected)
  }
}
