extension MaintenanceWindow {
  /// - Returns: nil for what `rule` does not describe.
  public init?(_ text: String) {
    var words = text.split(separator: " ").map(String.init)[...]
    var weekdays = Set(0...6)
    if let word = words.first, word.first?.isLetter == true {
      guard let parsed = MaintenanceWindow.weekdays(word) else { return nil }
      weekdays = parsed
      words.removeFirst()
    }
    var date: (years: Set<Int>?, months: Set<Int>, days: Set<Int>) = (nil, Set(1...12), Set(1...31))
    if let word = words.first, word.contains("-") {
      guard let parsed = MaintenanceWindow.date(word) else { return nil }
      date = parsed
      words.removeFirst()
    }
    var span = Span.range(0..<1_440)
    if let word = words.first {
      guard let parsed = MaintenanceWindow.span(word) else { return nil }
      span = parsed
      words.removeFirst()
    }
    guard words.isEmpty, !text.isEmpty, text.contains(where: { $0 != " " }) else { return nil }
    self.init(weekdays: weekdays, years: date.years, months: date.months, days: date.days, span: span)
  }

  private static func weekdays(_ text: String) -> Set<Int>? {
    let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    let long = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    func number(_ name: String) -> Int? {
      let lower = name.lowercased()
      return names.firstIndex(of: lower) ?? long.firstIndex(of: lower)
    }
    var result: Set<Int> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = bounds(String(part))
      guard let from = number(ends.from), let to = number(ends.to ?? ends.from) else { return nil }
      // Sat..Mon goes over the end of the week.
      result.formUnion((from...(to < from ? to + 7 : to)).map { $0 % 7 })
    }
    return result
  }

  private static func date(_ text: String) -> (years: Set<Int>?, months: Set<Int>, days: Set<Int>)? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    let fields = parts.count == 2 ? ["*"] + parts : parts
    guard fields.count == 3, let months = numbers(fields[1], in: 1...12), let days = numbers(fields[2], in: 1...31)
    else { return nil }
    if fields[0] == "*" { return (nil, months, days) }
    guard let years = numbers(fields[0], in: 1970...2199) else { return nil }
    return (years, months, days)
  }

  private static func span(_ text: String) -> Span? {
    let ends = bounds(text)
    if let to = ends.to, ends.from.contains(":"), to.contains(":") {
      guard let start = minutes(ends.from), let end = minutes(to), start != end, start < 1_440 else { return nil }
      return .range(start..<(end < start ? end + 1_440 : end))
    }
    let fields = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 2, let hours = numbers(fields[0], in: 0...23), let minutes = numbers(fields[1], in: 0...59),
      minutes.count > 1
    else { return nil }
    return .fields(hours: hours, minutes: minutes)
  }

  /// `HH:MM` as minutes since midnight; 24:00 is the end of the day.
  private static func minutes(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { number(String($0)) }
    guard parts.count == 2, let hour = parts[0], let minute = parts[1], minute < 60, hour * 60 + minute <= 1_440 else {
      return nil
    }
    return hour * 60 + minute
  }

  /// `*`, or numbers and ranges with commas between them.
  private static func numbers(_ text: String, in range: ClosedRange<Int>) -> Set<Int>? {
    if text == "*" { return Set(range) }
    var result: Set<Int> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = bounds(String(part))
      guard let from = number(ends.from), let to = number(ends.to ?? ends.from), from <= to, range.contains(from),
        range.contains(to)
      else { return nil }
      result.formUnion(from...to)
    }
    return result
  }

  private static func number(_ text: String) -> Int? {
    (1...4).contains(text.utf8.count) && text.utf8.allSatisfy(Letters.digits.contains) ? Int(text) : nil
  }

  private static func bounds(_ text: String) -> (from: String, to: String?) {
    guard let dots = text.firstRange(of: "..") else { return (text, nil) }
    return (String(text[..<dots.lowerBound]), String(text[dots.upperBound...]))
  }
}
