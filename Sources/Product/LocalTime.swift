/// A moment on the device's wall clock, to the minute: what maintenance windows are written in.
public struct LocalTime: Equatable, Sendable {
  /// Days since 1970-01-01 in local time.
  public let day: Int64
  /// Minutes since local midnight, 0 to 1439.
  public let minute: Int

  /// - Parameters:
  ///   - seconds: Unix seconds.
  ///   - offset: seconds that local time is ahead of UTC.
  public init(unix seconds: Int64, offsetSeconds offset: Int64 = 0) {
    let local = seconds + offset
    self.init(day: local.floored(by: 86_400), minute: Int(local.remainder(of: 86_400) / 60))
  }

  init(day: Int64, minute: Int) {
    self.day = day
    self.minute = minute
  }

  /// 0 is Monday, 6 is Sunday; 1970-01-01 was a Thursday.
  public var weekday: Int { Int((day + 3).remainder(of: 7)) }

  /// The day in the Gregorian calendar.
  var date: CivilDate { CivilDate(day: day) }
}

/// A day of the Gregorian calendar.
struct CivilDate: Equatable {
  let year: Int64
  let month: Int
  let day: Int

  /// The day that is so many days after 1970-01-01.
  init(day number: Int64) {
    var rest = number + 719_468  // days since 0000-03-01, so that the leap day comes last in its year
    let era = rest.floored(by: 146_097)
    rest -= era * 146_097
    let yearOfEra = (rest - rest / 1_460 + rest / 36_524 - rest / 146_096) / 365
    let dayOfYear = rest - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    month = Int(shifted < 10 ? shifted + 3 : shifted - 9)
    day = Int(dayOfYear - (153 * shifted + 2) / 5 + 1)
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// - Returns: nil for a day that the calendar does not have.
  init?(year: Int64, month: Int, day: Int) {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (1...12).contains(month), (1...lengths[month - 1]).contains(day) else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// Days since 1970-01-01.
  var number: Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = shiftedYear.floored(by: 400)
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

extension Int64 {
  func floored(by divisor: Int64) -> Int64 { (self - remainder(of: divisor)) / divisor }

  /// Never negative.
  func remainder(of divisor: Int64) -> Int64 {
    let rest = self % divisor
    return rest < 0 ? rest + divisor : rest
  }
}
