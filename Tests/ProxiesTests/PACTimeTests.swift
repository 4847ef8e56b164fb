import Glibc
import Testing

@testable import PACEvaluation
@testable import Proxies

/// The helpers that look at the clock, through the engine. `PACTime.sample` is Tuesday, 2009-03-03 03:34:14 UTC, the
/// moment of Chromium's own tests.
@Suite struct PACTimeTests {
  @Test(arguments: [
    // Chromium
    (#"weekdayRange("MON", "FRI")"#, true), (#"weekdayRange("TUE", "TUE")"#, true), (#"weekdayRange("TUE")"#, true),
    (#"weekdayRange("SAT", "WED")"#, true), (#"weekdayRange("SUN", "MON")"#, false),
    (#"weekdayRange("FRI", "MON")"#, false), (#"weekdayRange("SAT", "GMT")"#, false),
    (#"dateRange(3)"#, true), (#"dateRange(1)"#, false), (#"dateRange(3, "GMT")"#, true), (#"dateRange(1, 4)"#, true),
    (#"dateRange(4, 20)"#, false), (#"dateRange(3, "MAR", 2009)"#, true), (#"dateRange("JAN", "MAR")"#, true),
    (#"dateRange("SEP", "APR")"#, true), (#"dateRange("SEP", "FEB")"#, false), (#"dateRange("MAY", "SEP")"#, false),
    (#"dateRange(1, "JAN", 3, "MAR")"#, true), (#"dateRange(3, "MAR", 1, "JAN")"#, true),
    (#"dateRange(4, "SEP", 3, "FEB")"#, false), (#"dateRange(4, "MAR", 4, "SEP")"#, false),
    (#"dateRange("FEB", 2009, "MAR", 2009)"#, true), (#"dateRange("APR", 2009, "MAR", 2010)"#, false),
    (#"dateRange(3, "JAN", 2009, 4, "FEB", 2010)"#, true), (#"dateRange(4, "MAR", 2009, 4, "SEP", 2009)"#, false),
    (#"timeRange(3)"#, true), (#"timeRange(2)"#, false), (#"timeRange(2, 3)"#, true), (#"timeRange(1, 2)"#, false),
    (#"timeRange(1, 0, 3, 34)"#, true), (#"timeRange(3, 34, 1, 0)"#, true), (#"timeRange(1, 0, 3, 0)"#, false),
    (#"timeRange(1, 0, 0, 3, 34, 14)"#, true), (#"timeRange(1, 0, 0, 3, 34, 13)"#, false),
    (#"timeRange(3, 34, 15, 5, 0, 0)"#, false),
    // MDN: one date is that date, and a reversed range of years has nothing to go on over.
    (#"dateRange(24, "DEC")"#, false), (#"dateRange(2009)"#, true), (#"dateRange(2008, 2010)"#, true),
    (#"dateRange(2010, 2008)"#, false), (#"dateRange("MAR")"#, true),
    // What makes no sense.
    (#"timeRange(25)"#, false), (#"timeRange("x", 3)"#, false), (#"timeRange()"#, false),
    (#"weekdayRange("XXX")"#, false),
    (#"dateRange()"#, false), (#"dateRange(1, "JAN", "FEB")"#, false), (#"timeRange(1, 2, 3)"#, false),
  ])
  func atTheSampleMoment(_ expression: String, _ expected: Bool) async throws {
    #expect(try await PACTest.value(expression) == "\(expected)")
  }

  @Test(arguments: [
    // MDN's examples of time, at their edges.
    (#"timeRange(0, 0, 0, 0, 0, 30)"#, PACTime(2026, 1, 1, 0, 0, 30), true),
    (#"timeRange(0, 0, 0, 0, 0, 30)"#, PACTime(2026, 1, 1, 0, 0, 31), false),
    (#"timeRange(12, 13)"#, PACTime(2026, 1, 1, 11, 59, 59), false),
    (#"timeRange(8, 30, 17, 0)"#, PACTime(2026, 1, 1, 8, 30), true),
    (#"timeRange(8, 30, 17, 0)"#, PACTime(2026, 1, 1, 17, 1), false),
    // Over midnight, over the week's end, over the year's end.
    (#"timeRange(22, 5)"#, PACTime(2026, 1, 1, 23, 30), true), (#"timeRange(22, 5)"#, PACTime(2026, 1, 1, 5, 59), true),
    (#"timeRange(22, 5)"#, PACTime(2026, 1, 1, 6), false),
    (#"weekdayRange("FRI", "MON")"#, PACTime(2026, 11, 22, 12), true),  // a Sunday
    (#"dateRange(20, "DEC", 6, "JAN")"#, PACTime(2027, 1, 6, 23), true),
    (#"dateRange(20, "DEC", 6, "JAN")"#, PACTime(2027, 1, 7, 0), false),
    (#"dateRange(29)"#, PACTime(2028, 2, 29, 0), true),
    // The zone of the one who asks; GMT leaves it out. 23:30 UTC on Sunday is 01:30 on Monday, two hours ahead.
    (#"weekdayRange("MON")"#, PACTime(2026, 11, 22, 23, 30, offset: 2), true),
    (#"weekdayRange("MON", "GMT")"#, PACTime(2026, 11, 22, 23, 30, offset: 2), false),
    (#"weekdayRange("SUN", "SUN", "GMT")"#, PACTime(2026, 11, 22, 23, 30, offset: 2), true),
    (#"timeRange(1, 2)"#, PACTime(2026, 11, 22, 23, 30, offset: 2), true),
    (#"timeRange(23, "GMT")"#, PACTime(2026, 11, 22, 23, 30, offset: 2), true),
    (#"dateRange(22, "NOV", 2026, "GMT")"#, PACTime(2026, 11, 22, 23, 30, offset: 2), true),
    (#"dateRange(31, "DEC")"#, PACTime(2026, 1, 1, 3, offset: -5), true),
    // The script's own Date goes by the same clock and zone.
    (
      #"new Date().getHours() === 1 && new Date().getUTCHours() === 23"#, PACTime(2026, 11, 22, 23, 30, offset: 2), true
    ),
    (#"new Date().getTimezoneOffset() === -120"#, PACTime(2026, 11, 22, 23, 30, offset: 2), true),
  ])
  func at(_ expression: String, _ time: PACTime, _ expected: Bool) async throws {
    #expect(try await PACTest.value(expression, at: time) == "\(expected)")
  }

  /// Against the C library, over four centuries and both sides of 1970.
  @Test func theCalendarIsThatOfTheCLibrary() {
    for day in stride(from: -150_000, to: 150_000, by: 7) {
      var seconds = day * 86_400 + 86_399
      var parts = tm()
      gmtime_r(&seconds, &parts)
      let moment = Moment(PACTime(milliseconds: Int64(seconds) * 1000, offset: 0), offset: 0)
      #expect(
        [moment.year, moment.month, moment.day, moment.weekday, moment.hour, moment.minute, moment.second]
          == [
            Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday), Int(parts.tm_wday), 23, 59, 59,
          ])
    }
  }
}
