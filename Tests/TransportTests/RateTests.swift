import Testing

@testable import Transport

@Suite struct RateTests {
  /// What the meter says after each of (seconds, bytes), with a window of 60 s and 1000 bytes a second.
  func stalls(_ pieces: [(second: Int, bytes: Int)], excused: Duration = .zero) -> [Bool] {
    var meter = StallMeter(window: .seconds(60), minimumRate: 1000, now: .zero)
    meter.excuse(excused)
    return pieces.map { meter.isStalled(afterReceiving: $0.bytes, now: .seconds($0.second)) }
  }

  @Test func aDripIsAStallOnceAWindowHasPassed() {
    #expect(stalls((1...60).map { ($0, 1) }) == Array(repeating: false, count: 59) + [true])
  }

  @Test func theAverageOverTheWindowCounts() {
    // A new window begins at 60 s: what came in the one before does not help.
    #expect(stalls([(1, 60_000), (60, 0), (120, 59_999)]) == [false, false, true])
    #expect(stalls([(1, 60_000), (60, 0), (120, 60_000)]) == [false, false, false])
  }

  @Test func pausesOfOursAreExcused() {
    #expect(stalls([(100, 1), (110, 1)], excused: .seconds(50)) == [false, true])
  }

  @Test func theCapIsKeptOnAverage() {
    var pacer = Pacer(rate: 1000, now: .zero)
    let pauses = [0, 500, 9000].map { pacer.pause(afterReceiving: 500, now: .milliseconds($0)) }
    #expect(pauses == [.milliseconds(500), .milliseconds(500), .zero])
  }
}
