/// A repeating stretch of device time in which a switch may happen.
///
/// Written like a systemd calendar event (systemd.time(7)) with ranges: weekdays, then a date, then times, each of which
/// may be left out. `Mon..Fri 22:00..05:00` opens in the evening and ends the next morning; `*-*-01..07 02..04:*` covers
/// the hours 2, 3 and 4 of the first week of each month. Seconds do not count.
public struct MaintenanceWindow: Equatable, Sendable {
  public static let rule =
    "a calendar range such as 'Mon..Fri 22:00..05:00', 'Sat,Sun' or '*-*-01..07 02..04:*'; not a single minute"

  enum Span: Equatable {
    /// Minutes from the opening day's midnight; the end may lie in the next day.
    case range(Range<Int>)
    case fields(hours: Set<Int>, minutes: Set<Int>)
  }

  let weekdays: Set<Int>
  let years: Set<Int>?
  let months: Set<Int>
  let days: Set<Int>
  let span: Span

  /// Whether a moment lies in the window.
  public func contains(_ time: LocalTime) -> Bool {
    switch span {
    case .fields(let hours, let minutes):
      return opens(on: time.day) && hours.contains(time.minute / 60) && minutes.contains(time.minute % 60)
    case .range(let range):
      return (opens(on: time.day) && range.contains(time.minute))
        || (opens(on: time.day - 1) && range.contains(time.minute + 1_440))
    }
  }

  /// Minutes until the window is open, 0 when it is; nil when it does not open within about eight years, the longest
  /// gap between two 29ths of February.
  public func minutesUntilOpen(from time: LocalTime) -> Int64? {
    if contains(time) { return 0 }
    for ahead in 0...(8 * 366 as Int64) where opens(on: time.day + ahead) {
      if let minute = openings(after: ahead == 0 ? time.minute : -1) {
        return ahead * 1_440 + Int64(minute - time.minute)
      }
    }
    return nil
  }

  /// The first minute of an opening day, later than `minute`, at which the window is open.
  private func openings(after minute: Int) -> Int? {
    switch span {
    case .range(let range): range.lowerBound > minute ? range.lowerBound : nil
    case .fields(let hours, let minutes):
      ((minute + 1)..<1_440).first { hours.contains($0 / 60) && minutes.contains($0 % 60) }
    }
  }

  private func opens(on day: Int64) -> Bool {
    guard weekdays.contains(LocalTime(day: day, minute: 0).weekday) else { return false }
    let date = CivilDate(day: day)
    return months.contains(date.month) && days.contains(date.day) && years?.contains(Int(date.year)) != false
  }
}
