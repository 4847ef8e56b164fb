/// What the simulation found, printed.
struct Summary {
  let fleet: Fleet
  let world: World
  let plan: Plan
  let days: Int64
  let interval: Int64

  func print(unjittered: (requests: Int32, second: Int)) {
    let stories = fleet.devices.map(\.story)
    let gotBad = stories.filter { $0.gotBadAt != nil }
    let back = gotBad.filter { $0.rolledBackAt != nil }
    let kept = gotBad.filter(\.keptBad)
    let traffic = world.repository.traffic
    let stranded = fleet.devices.filter { $0.installed != world.good }
    line("devices", "\(stories.count), polls every \(interval / 60) min, \(days) days simulated")
    line("polls, requests", "\(stories.reduce(0) { $0 + $1.polls }), \(traffic.requests)")
    line(
      "got the bad version",
      "\(gotBad.count) (\(percent(gotBad.count, stories.count)) of all; 10 % were offered it for "
        + "\((plan.haltedAt - plan.badAt) / 3600) h)")
    line(
      "  rolled back by themselves",
      "\(back.count), the slowest after \(duration(back.compactMap(\.secondsWithBad).max()))"
    )
    line("  took it again", "\(stories.filter(\.goodAgainBad).count)")
    line(
      "  kept it until the halt",
      "\(kept.count), the last left it \(since(plan.haltedAt, kept.compactMap(\.leftBadAt).max())) after the halt")
    let late = gotBad.compactMap(\.gotBadAt).filter { $0 >= world.start + plan.haltedAt }
    let last = late.isEmpty ? "" : ", the last \(since(plan.haltedAt, late.max())) after the halt"
    line("  got it after the halt", "\(late.count)\(last)")
    let good = stories.compactMap(\.gotGoodAt).sorted()
    for part in [50, 90, 99] where good.count >= stories.count * part / 100 {
      line(
        "\(part) % on the good version",
        "\(since(plan.goodAt, good[stories.count * part / 100 - 1])) after its first promotion")
    }
    line("the last on the good version", "\(since(plan.goodAt, good.last)) after its first promotion")
    line("stranded", "\(stranded.count)")
    line("served", "\(megabytes(traffic.metadataBytes)) of metadata, \(megabytes(traffic.targetBytes)) of targets")
    let worst = fleet.load.enumerated().max { $0.element < $1.element }
    let busy = fleet.load.reduce(0) { $0 + Int($1) }
    line(
      "requests a second",
      "\(worst?.element ?? 0) at the worst moment (\(moment(worst?.offset ?? 0))), mean \(tenths(Double(busy) / Double(fleet.load.count)))"
    )
    line("  without random delays", "\(unjittered.requests) polls in one second (\(moment(unjittered.second)))")
  }

  private func line(_ name: String, _ value: String) {
    Swift.print(name + String(repeating: " ", count: max(1, 32 - name.count)) + value)
  }

  private func since(_ start: Int64, _ moment: Int64?) -> String { duration(moment.map { $0 - world.start - start }) }

  private func duration(_ seconds: Int64?) -> String {
    guard let seconds else { return "never" }
    if seconds < 3 * 60 { return "\(seconds) s" }
    if seconds < 3 * 3600 { return "\(seconds / 60) min" }
    return seconds < 48 * 3600 ? "\(tenths(Double(seconds) / 3600)) h" : "\(tenths(Double(seconds) / 86_400)) days"
  }

  private func moment(_ second: Int) -> String {
    let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    let clock = Publisher.text(world.start + Int64(second)).suffix(8)
    return "\(days[second / 86_400 % 7]) of week \(second / 604_800 + 1), \(clock)"
  }

  private func percent(_ part: Int, _ whole: Int) -> String {
    "\(tenths(Double(part) * 100 / Double(max(whole, 1)))) %"
  }
  private func megabytes(_ bytes: Int) -> String { "\(tenths(Double(bytes) / 1e6)) MB" }
  private func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
