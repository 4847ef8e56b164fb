/// When a device has power: what its room does, not what Slipway would like. Times are seconds since 1970, UTC.
enum Power: Sendable, CaseIterable {
  /// Always on.
  case always
  /// A master switch of the house: all of these at the same second, on working days from 8 to 18 h.
  case masterSwitch
  /// Switched on and off by whoever uses the room, every day at another minute.
  case people
  /// A room that is closed for two weeks, and used like the others afterwards.
  case closed

  static let day: Int64 = 86_400

  /// The span with power that is under way at `moment`, or the next one.
  func span(at moment: Int64, device: Int, start: Int64) -> Range<Int64> {
    switch self {
    case .always: return start..<Int64.max
    case .masterSwitch, .people, .closed:
      if self == .closed, moment < start + 16 * Self.day, moment >= start + 2 * Self.day {
        return span(at: start + 16 * Self.day, device: device, start: start)
      }
      var midnight = moment - moment % Self.day
      while true {
        if let open = hours(ofDay: midnight, device: device), moment < open.upperBound { return open }
        midnight += Self.day
      }
    }
  }

  private func hours(ofDay midnight: Int64, device: Int) -> Range<Int64>? {
    // 1 January 1970 was a Thursday.
    let weekend = [2, 3].contains(midnight / Self.day % 7)
    if weekend { return nil }
    if self == .masterSwitch { return midnight + 8 * 3600..<midnight + 18 * 3600 }
    var dice = Dice(seed: UInt64(device) &* 1_000_003 ^ UInt64(midnight))
    let on = midnight + Int64.random(in: 7 * 3600...10 * 3600, using: &dice)
    return on..<on + Int64.random(in: 3 * 3600...10 * 3600, using: &dice)
  }

  /// Whether a meeting takes place in the room: half-hour slots, on working days between 9 and 17 h.
  static func meets(at moment: Int64, device: Int) -> Bool {
    let slot = moment / 1800
    let hour = moment % day / 3600
    guard (9..<17).contains(hour), ![2, 3].contains(moment / day % 7) else { return false }
    var dice = Dice(seed: UInt64(device) &* 7_919 ^ UInt64(slot) &* 104_729)
    return Int.random(in: 0..<100, using: &dice) < 45
  }
}
