import Proxies

/// The helpers that look at the clock, after Mozilla's "Proxy Auto-Configuration (PAC) file".
///
/// Both ends of a range belong to it, whole: `timeRange(9, 17)` ends with 17:59:59, as it does in browsers. A range whose
/// end comes before its start goes on over midnight, the week's or the year's end; where years are named there is nothing
/// to go on over. `"GMT"` as last argument takes UTC instead of local time. What makes no sense is no match.
enum TimeRules {
  private static let weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
  private static let months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]

  static func weekdayRange(_ arguments: [HelperValue], at time: PACTime) -> Bool {
    let (arguments, now) = read(arguments, time)
    let days = arguments.map { $0.name(in: weekdays) }
    switch days.count {
    case 1: return days[0] == now.weekday
    case 2:
      guard let from = days[0], let to = days[1] else { return false }
      return isBetween([now.weekday], [from], [to])
    default: return false
    }
  }

  /// `(H)`, `(H, H)`, `(H, M, H, M)`, `(H, M, S, H, M, S)`.
  static func timeRange(_ arguments: [HelperValue], at time: PACTime) -> Bool {
    let (arguments, now) = read(arguments, time)
    let numbers = arguments.compactMap(\.whole)
    guard numbers.count == arguments.count, [1, 2, 4, 6].contains(numbers.count) else { return false }
    let half = max(1, numbers.count / 2)
    let (from, to) = (Array(numbers.prefix(half)), Array(numbers.suffix(half)))
    for end in [from, to] where !zip(end, [24, 60, 60]).allSatisfy({ (0..<$1).contains($0) }) { return false }
    return isBetween(Array([now.hour, now.minute, now.second].prefix(half)), from, to)
  }

  /// A day, a month, a year, or several of them in this order; or the two ends of a range, alike in what they name.
  static func dateRange(_ arguments: [HelperValue], at time: PACTime) -> Bool {
    let (arguments, now) = read(arguments, time)
    var parts: [(unit: Unit, value: Int)] = []
    for argument in arguments {
      if let month = argument.name(in: months) {
        parts.append((.month, month + 1))
      } else if let number = argument.whole {
        parts.append(number <= 31 ? (.day, number) : (.year, number))
      } else {
        return false
      }
    }
    let units = parts.map(\.unit)
    // One date names each unit once; a range names the same units twice.
    let isRange =
      Set(units).count * 2 == units.count && units.prefix(units.count / 2).elementsEqual(units.suffix(units.count / 2))
    guard !units.isEmpty, isRange || Set(units).count == units.count else { return false }
    let (from, to) = isRange ? (parts.prefix(parts.count / 2), parts.suffix(parts.count / 2)) : (parts[...], parts[...])
    // Compared by the larger unit first.
    let order = Array(from).map(\.unit).sorted { $0.rawValue > $1.rawValue }
    func ordered(_ end: ArraySlice<(unit: Unit, value: Int)>) -> [Int] {
      order.compactMap { unit in end.first { $0.unit == unit }?.value }
    }
    let today = order.map { unit in
      switch unit {
      case .day: now.day
      case .month: now.month
      case .year: now.year
      }
    }
    return isBetween(today, ordered(from), ordered(to), wraps: !order.contains(.year))
  }

  private enum Unit: Int { case day, month, year }

  private static func isBetween(_ now: [Int], _ from: [Int], _ to: [Int], wraps: Bool = true) -> Bool {
    let (started, ended) = (!now.lexicographicallyPrecedes(from), to.lexicographicallyPrecedes(now))
    return to.lexicographicallyPrecedes(from) ? wraps && (started || !ended) : started && !ended
  }

  /// The arguments without the zone, and the moment in that zone.
  private static func read(_ arguments: [HelperValue], _ time: PACTime) -> ([HelperValue], Moment) {
    if case .text(let last) = arguments.last, last.uppercased() == "GMT" {
      return (arguments.dropLast(), Moment(time, offset: 0))
    }
    return (arguments, Moment(time, offset: time.offset))
  }
}

/// A moment by the calendar (proleptic Gregorian) and the clock of one zone.
struct Moment: Equatable {
  let year, month, day, weekday, hour, minute, second: Int

  init(_ time: PACTime, offset: Int) {
    let seconds = Int(time.milliseconds / 1000) + offset
    let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
    let rest = seconds - days * 86_400
    (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
    // 1970-01-01 was a Thursday.
    weekday = ((days + 4) % 7 + 7) % 7
    // Years are counted from March, so that the leap day is their last one; eras have 400 years.
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }
}

extension HelperValue {
  fileprivate func name(in names: [String]) -> Int? {
    text.flatMap { names.firstIndex(of: $0.uppercased()) }
  }

  /// A whole number, also where it is written as text.
  fileprivate var whole: Int? {
    switch self {
    case .number(let number): Int(exactly: number)
    case .text(let text): Int(text)
    default: nil
    }
  }
}
