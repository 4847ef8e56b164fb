import Product
import Testing

@Suite struct TimeTests {
  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:34:56Z", 951_827_696), ("2026-11-22T10:00:00Z", 1_795_341_600),
      ("2038-01-19T03:14:08Z", 2_147_483_648), ("9999-12-31T23:59:59Z", 253_402_300_799),
    ] as [(String, Int64)])
  func timestampsKeepTheirText(_ text: String, _ seconds: Int64) throws {
    let time = try Timestamp(text)
    #expect(time.seconds == seconds)
    #expect(time.description == text)
  }

  @Test(arguments: [
    "", "2026-11-22", "2026-11-22T10:00:00", "2026-11-22T10:00:00+01:00", "2026-11-22t10:00:00Z",
    "2026-02-29T00:00:00Z",
    "2100-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "1969-12-31T23:59:59Z", "+026-01-01T00:00:00Z",
  ])
  func refusesOtherTimes(_ text: String) {
    #expect(throws: ProductError.self) { try Timestamp(text) }
  }

  /// 2026-11-22 is a Sunday.
  @Test(
    arguments: [
      ("Mon..Fri 22:00..05:00", "2026-11-23T22:00:00Z", 0), ("Mon..Fri 22:00..05:00", "2026-11-23T04:59:00Z", 1_021),
      ("Mon..Fri 22:00..05:00", "2026-11-24T04:59:59Z", 0), ("Mon..Fri 22:00..05:00", "2026-11-24T05:00:00Z", 1_020),
      ("Mon..Fri 22:00..05:00", "2026-11-28T04:00:00Z", 0), ("Mon..Fri 22:00..05:00", "2026-11-29T04:00:00Z", 2_520),
      ("Sat,Sun", "2026-11-22T10:00:00Z", 0), ("Sat,Sun", "2026-11-23T00:00:00Z", 7_200),
      ("sunday", "2026-11-22T23:59:00Z", 0),
      ("Sat..Mon 01:00..02:00", "2026-11-23T01:30:00Z", 0), ("02:00..05:00", "2026-11-22T01:59:59Z", 1),
      ("00:00..24:00", "2026-11-22T12:00:00Z", 0), ("02..04:*", "2026-11-22T04:59:00Z", 0),
      ("02..04:*", "2026-11-22T05:00:00Z", 1_260), ("*:00..29", "2026-11-22T10:30:00Z", 30),
      ("*-*-01..07 02..04:*", "2026-11-22T02:00:00Z", 12_960), ("*-02-29", "2027-01-01T00:00:00Z", 610_560),
      ("12-24..26 10:00..12:00", "2026-12-24T10:00:00Z", 0), ("2027-*-* *:*", "2026-12-31T23:00:00Z", 60),
    ] as [(String, String, Int64)])
  func windowsOpenWhenTheySay(_ text: String, _ now: String, _ minutes: Int64) throws {
    let window = try #require(MaintenanceWindow(text))
    let time = LocalTime(unix: try Timestamp(now).seconds)
    #expect(window.minutesUntilOpen(from: time) == minutes)
    #expect(window.contains(time) == (minutes == 0))
  }

  @Test(arguments: [
    "", " ", "always", "Mon..Xyz", "Mon 25:00..26:00", "02:00", "Mon 02:00", "02:00..02:00", "02:00..24:01",
    "24:00..01:00",
    "*-13-01", "*-*-32", "*-*-05..01", "02..25:*", "Mon 02:00..05:00 Tue", "1..2", "02:*:00", "-", "Mon,,Tue", "a-b-c",
    "02:00...05:00",
  ])
  func refusesWhatIsNoWindow(_ text: String) {
    #expect(MaintenanceWindow(text) == nil)
  }

  @Test func windowsFollowTheDevicesOwnClock() throws {
    let window = try #require(MaintenanceWindow("Mon 00:00..01:00"))
    let now = try Timestamp("2026-11-22T23:30:00Z").seconds
    #expect(!window.contains(LocalTime(unix: now)))
    #expect(window.contains(LocalTime(unix: now, offsetSeconds: 3_600)))
    #expect(!window.contains(LocalTime(unix: now, offsetSeconds: -3_600)))
  }

  @Test func aDayThatNeverComesNeverOpens() throws {
    let window = try #require(MaintenanceWindow("*-02-30"))
    #expect(window.minutesUntilOpen(from: LocalTime(unix: 0)) == nil)
  }
}
