import Testing

@testable import Transport

@Suite struct RetryPolicyTests {
  @Test(arguments: [
    (0, 1.0, 1.0), (1, 1, 2), (3, 1, 8), (3, 0.5, 4), (3, 0, 0), (20, 1, 300), (1000, 1, 300), (-1, 1, 1),
  ])
  func pauseDoublesUpToTheCapWithFullJitter(attempt: Int, random: Double, seconds: Double) {
    #expect(RetryPolicy().pause(after: attempt, random: random) == .seconds(seconds))
  }

  @Test(arguments: [(10.0, 11.0), (0, 1), (-5, 1), (1e6, 86401)])
  func aServersWishIsALowerBoundOfAtMostADay(wish: Double, seconds: Double) {
    #expect(RetryPolicy().pause(after: 0, random: 1, retryAfter: .seconds(wish)) == .seconds(seconds))
  }

  @Test(
    arguments: [
      ("120", 120), ("0", 0), ("99999999", 86400), ("99999999999999999999999", 86400),
      ("Sun, 06 Nov 1994 08:49:47 GMT", 10), ("Sun, 06 Nov 1994 08:49:27 GMT", 0),
      ("Sun, 06 Nov 2094 08:49:27 GMT", 86400), ("-5", nil), ("", nil), ("soon", nil), (nil, nil),
    ] as [(String?, Int?)])
  func retryAfterIsSecondsOrADate(header: String?, seconds: Int?) {
    #expect(RetryAfter.wait(header, now: 784_111_777) == seconds.map { .seconds($0) })
  }

  @Test(
    arguments: [
      ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
      ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199), ("Sun, 06 Nov 1994 08:49:37 UTC", nil),
      ("Sunday, 06-Nov-94 08:49:37 GMT", nil), ("Sun Nov  6 08:49:37 1994", nil),
      ("Sun, 06 Nov 1994 24:49:37 GMT", nil),
      ("Sun, 6 Nov 1994 08:49:37 GMT", nil), ("", nil),
    ] as [(String, Int64?)])
  func dates(text: String, seconds: Int64?) {
    #expect(HTTPDate.seconds(text) == seconds)
  }

  @Test(arguments: [
    (TransportError.Code.refused(status: 400), true), (.refused(status: 401), true), (.refused(status: 403), true),
    (.notFound, true), (.disk(errno: 28), true), (.tooLarge, true), (.unreachable(.tls), true), (.cancelled, true),
    (.refused(status: 429), false), (.refused(status: 500), false), (.refused(status: 503), false),
    (.unreachable(.dns), false), (.unreachable(.connect), false), (.stalled, false), (.interrupted, false),
  ])
  func permanentAndPassingFailuresStayApart(code: TransportError.Code, permanent: Bool) {
    #expect(failure(code).isPermanent == permanent)
  }
}
