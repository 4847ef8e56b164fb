import Posix

/// What the supervisor knows of one service; its plan may be replaced by a reload while it runs.
final class SupervisedUnit {
  enum Phase: Equatable {
    case inactive
    case running
    /// SIGTERM was sent; SIGKILL follows at the deadline (monotonic nanoseconds).
    case stopping(killAt: Int64)
    /// An agent that ended, and is due again.
    case waiting(until: Int64)
    case failed(result: String)
  }

  var plan: ProcessPlan
  var phase = Phase.inactive
  var child: ChildProcess?
  /// Starts within the limit's interval (monotonic nanoseconds).
  var starts: [Int64] = []
  var restarts = 0
  var lastEnding = ChildProcess.Ending.exited(0)
  var startAfterStop = false
  /// A task whose time is up is stopped, and has failed.
  var timedOut = false
  /// When a running task's time is up.
  var deadline: Int64?
  private var lastStart: UInt64 = 0
  private var lastInvocation = ""

  init(_ plan: ProcessPlan) {
    self.plan = plan
  }

  var isAgent: Bool { if case .agent = plan.kind { true } else { false } }

  /// Whether nothing more will happen by itself soon: what a blocking request waits for.
  var isSettled: Bool {
    switch phase {
    case .inactive, .failed: true
    case .running: isAgent
    case .stopping, .waiting: false
    }
  }

  /// Whether one more start is within the limit; counts it if so.
  func admitStart(now: Int64) -> Bool {
    guard let limit = plan.startLimit else { return true }
    starts.removeAll { now - $0 >= limit.interval * 1_000_000_000 }
    guard starts.count < limit.burst else { return false }
    starts.append(now)
    return true
  }

  func began(_ child: ChildProcess) {
    self.child = child
    lastStart = child.startedAt
    lastInvocation = child.invocation
    phase = .running
    timedOut = false
    if case .task(let limit, _) = plan.kind {
      deadline = HostClock.monotonicNanoseconds() + Int64(limit) * 1_000_000_000
    }
  }

  /// How an end counts: nil for a success, else systemd's word for it.
  func failure(of ending: ChildProcess.Ending) -> String? {
    if timedOut { return "timeout" }
    switch (plan.kind, ending) {
    case (_, .exited(0)): return nil
    case (.task(_, let expected), .exited(let code)) where expected.contains(Int(code)): return nil
    case (_, .exited): return "exit-code"
    case (_, .signalled): return "signal"
    }
  }

  var status: UnitStatus {
    var status = UnitStatus(
      mainPID: child?.pid ?? 0, invocationID: lastInvocation, startedAtMonotonicMicroseconds: lastStart,
      restarts: restarts)
    switch lastEnding {
    case .exited(let code): status.exitStatus = code
    case .signalled(let number): status.exitStatus = number
    }
    switch phase {
    case .inactive: break
    case .running: (status.activeState, status.subState) = isAgent ? ("active", "running") : ("activating", "start")
    case .stopping: (status.activeState, status.subState) = ("deactivating", "stop-sigterm")
    case .waiting: (status.activeState, status.subState) = ("activating", "auto-restart")
    case .failed(let result): (status.activeState, status.subState, status.result) = ("failed", "failed", result)
    }
    return status
  }
}
