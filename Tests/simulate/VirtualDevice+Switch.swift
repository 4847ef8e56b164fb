import Installation
import Product
import Updating

extension VirtualDevice {
  /// Asks whether the staged version may be switched to now.
  mutating func gate(_ now: Int64, _ world: World) {
    guard let staged = state.staged else {
      gateAt = nil
      return
    }
    let meets = hasMeetings && Power.meets(at: now, device: number)
    let reasons = SwitchGate(
      version: staged.version, rules: rules, critical: leavesBad, now: Timestamp(seconds: now),
      readySince: staged.readySince, waitingSince: staged.waitingSince, busy: meets ? "a meeting" : nil
    ).waitingFor
    guard reasons.isEmpty else {
      // The unit looks every minute; what is known to end later need not be asked before.
      let ends = reasons.compactMap { $0.reason == .busy ? nil : $0.until?.seconds }.max()
      gateAt = max(now + 60, ends ?? 0)
      return
    }
    previous = installed
    installed = staged.version
    let nanoseconds = (now - boot.lowerBound) * 1_000_000_000
    journal = (Probation(boot: "\(boot.lowerBound)", now: nanoseconds), staged.tree, now)
    if installed == world.bad { story.gotBadAt = story.gotBadAt ?? now }
    if installed == world.bad, story.rolledBackAt != nil { story.goodAgainBad = true }
    state.staged = nil
    gateAt = nil
    lookAt = now + 10
  }

  /// The looks of one probation, every ten seconds, as far as the power lasts.
  mutating func look(_ now: Int64, _ world: World) async throws {
    guard let (before, tree, switchedAt) = journal else { return lookAt = nil }
    var probation = before
    let limits = Judgement.Rules(probation: 600_000_000_000, deadline: 60_000_000_000)
    var moment = now
    while moment < boot.upperBound {
      let verdict: Judgement
      (verdict, probation) = Judgement.judge(probation, observation(moment, switchedAt, world), rules: limits)
      switch verdict {
      case .goOn: moment += 10
      case .commit: return committed(moment, world)
      case .rollBack(let reason): return rolledBack(moment, tree, reason, world)
      }
    }
    journal = (probation, tree, switchedAt)
    lookAt = moment
  }

  private func observation(_ now: Int64, _ switchedAt: Int64, _ world: World) -> Observation {
    let bad = installed == world.bad
    let starts = bad && fault == .crashes ? (now - switchedAt) / 25 : 0
    let process = Probation.Seen(pid: Int32(1000 + starts), invocation: "\(boot.lowerBound)-\(starts)")
    return Observation(
      boot: "\(boot.lowerBound)", now: (now - boot.lowerBound) * 1_000_000_000,
      units: [.init(name: "agent", failed: false, process: process)], probePasses: !(bad && fault == .silent),
      updaterFault: nil)
  }

  private mutating func committed(_ now: Int64, _ world: World) {
    journal = nil
    lookAt = nil
    if previous == world.bad, story.keptBad { story.leftBadAt = now }
    if installed == world.bad { story.keptBad = true }
    if installed == world.good { story.gotGoodAt = now }
  }

  /// The old version passes again, so that the new one is known to be bad.
  private mutating func rolledBack(_ now: Int64, _ tree: String, _ reason: String, _ world: World) {
    state.condemn(.init(version: "\(installed)", tree: tree, reason: reason, at: "\(Timestamp(seconds: now))"))
    if installed == world.bad { story.rolledBackAt = now }
    installed = previous ?? world.first
    previous = nil
    journal = nil
    lookAt = nil
  }
}
