import Product

/// What of all that is told becomes a line: pure, but for the clock.
extension History {
  /// Refusals and failures that are noted in an hour: what a hostile repository provokes must not push out the rest.
  static let failuresAnHour = 4

  /// Without failures in the background that were noted already, or that are too many.
  func wanted(_ events: [Event], after past: [Event]) -> [Event] {
    guard device.actor == .slipway else { return events }
    return events.filter { event in
      guard event.isFailure else { return true }
      // Nothing but failures since: what else happens, a wish or an update, makes the same failure worth telling again.
      let since = recent(Array(past.reversed().prefix(while: \.isFailure)), seconds: 86_400)
      return !since.contains { $0.tells(event) }
        && recent(past.filter(\.isFailure), seconds: 3600).count < Self.failuresAnHour
    }
  }

  /// Of the last seconds. A clock that was ahead has left lines of the future: they do not count.
  private func recent(_ past: [Event], seconds: Int64) -> [Event] {
    let begin = Timestamp(seconds: max(0, device.clock.wall() - seconds)).description
    let now = device.now
    return past.filter { $0.at > begin && $0.at <= now }
  }

  /// Without those at the beginning that stand at the end already: an event is told before it is done, and again when what
  /// was cut off is done again. Failures are never begun before they are told: the same one later is another.
  static func untold(_ events: [Event], after past: [Event]) -> [Event] {
    for count in stride(from: min(events.count, past.count), to: 0, by: -1)
    where zip(past.suffix(count), events).allSatisfy({ $0.tells($1) && !$1.isFailure }) {
      return Array(events.dropFirst(count))
    }
    return events
  }
}
