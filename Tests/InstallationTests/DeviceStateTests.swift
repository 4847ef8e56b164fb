import Installation
import Product
import Testing

@Suite struct DeviceStateTests {
  static let year: Int64 = 365 * 86_400

  /// Moments at which the agent was given up, and what rescue waits then, in seconds.
  static let rescues: [(at: [Int64], waits: [Int64])] = [
    ([0, 90, 210, 400, 700, 1300, 2000, 2700, 3400], [30, 60, 120, 240, 480, 600, 600, 600, 600]),
    ([0, 90, 90 + 3600, 91 + 3600], [30, 60, 120, 240]),
    ([0, 90, 90 + 3601, 91 + 3601], [30, 60, 30, 60]),
    // A clock that was ahead, and is right again: a quiet hour, no more.
    ([14 * year, 14 * year + 60, 0, 60, 200], [30, 60, 30, 60, 120]),
    ([0, 60, 14 * year, 14 * year + 60], [30, 60, 30, 60]),
  ]

  @Test(arguments: rescues) func rescueBacksOffFromHalfAMinuteToTen(_ row: (at: [Int64], waits: [Int64])) {
    var state = DeviceState(seed: "")
    let start: Int64 = 1_795_341_600
    #expect(row.at.map { state.backOff(now: start + $0) } == row.waits)
  }

  @Test func whatWaitsSinceTheFutureWaitsSinceNow() {
    let now = Timestamp(seconds: 1_795_341_600)
    let past = Timestamp(seconds: now.seconds - 60)
    let future = Timestamp(seconds: now.seconds + 14 * Self.year)
    func staged(_ ready: Timestamp, _ waiting: Timestamp) -> DeviceState.Staged {
      .init(version: SemanticVersion(1, 5, 0), tree: "t", readySince: ready, waitingSince: waiting)
    }
    #expect(staged(past, past).known(at: now) == staged(past, past))
    #expect(staged(future, past).known(at: now) == staged(now, past))
    #expect(staged(future, future).known(at: now) == staged(now, now))
  }
}
