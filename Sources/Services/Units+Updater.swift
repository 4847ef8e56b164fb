import Product

extension Units {
  private typealias Name = ProcessPlan.Unit

  /// Monotonic: no stamp file to leave behind, no reaction to clock steps, catch-up at every boot.
  static func fetchTimer(_ product: ProductManifest) throws(ServicesError) -> UnitFile {
    var text = try UnitText(description: "\(product.name.text): looks for updates")
    // Enabled for every boot; this brings it up when the product has just been installed.
    try text.add("Wants", sockets(product))
    text.section("Timer")
    try text.add("OnBootSec", "\(firstPoll)s")
    try text.add("OnUnitInactiveSec", "\(product.updates.intervalSeconds)s")
    try text.add("RandomizedDelaySec", "\(min(randomDelay, product.updates.intervalSeconds / 6))s")
    try text.add("AccuracySec", "\(min(60, max(1, product.updates.intervalSeconds / 60)))s")
    return text.file(Name.fetchTimer(product.id), wantedBy: "timers.target")
  }

  /// Seconds from boot to the first poll, before the random delay.
  private static let firstPoll: Int64 = 120

  /// The longest random delay before a poll, in seconds: devices that get power at one moment shall not ask at one.
  private static let randomDelay: Int64 = 600

  static func fetch(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> UnitFile {
    let plan = ProcessPlan.fetch(paths)
    var text = try UnitText(description: "\(product.name.text): fetch updates")
    // Wanting the path units arms them again after a limit stopped them.
    let armed = "\(Name.applyPath(product.id)) \(Name.requestPath(product.id))"
    try text.add("Wants", "network-online.target \(armed) \(sockets(product))")
    try text.add("After", "network-online.target \(Name.recover(product.id)) \(sockets(product))")
    try text.add("ConditionPathExists", paths.updater.string)
    return try service(plan, text, product)
  }

  /// What fetch may ask.
  private static func sockets(_ product: ProductManifest) -> String {
    Name.pacSocket(product.id) + (product.usesTPM ? " " + Name.signerSocket(product.id) : "")
  }

  static func applyPath(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> UnitFile {
    var text = try UnitText(description: "\(product.name.text): something to apply")
    try addEarlyOrder(to: &text)
    text.section("Path")
    // A state, not an event: a flag that comes during a run of apply, or is there at boot, is seen.
    try text.add("PathExists", paths.ready.string)
    return text.file(Name.applyPath(product.id), wantedBy: "multi-user.target")
  }

  /// Looks again and again whether a staged version may be switched to; held back by its condition unless one waits.
  /// After a boot not before the first poll: a device that was off may not know yet that the version has been halted.
  static func applyTimer(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> UnitFile {
    var text = try UnitText(description: "\(product.name.text): a version waits for its time")
    try text.add("After", Name.recover(product.id))
    try addEarlyOrder(to: &text)
    try text.add("ConditionPathExists", paths.waiting.string)
    text.section("Timer")
    try text.add("OnBootSec", "\(firstPoll + randomDelay + 60)s")
    try text.add("OnUnitInactiveSec", "1min")
    try text.add("AccuracySec", "5s")
    return text.file(Name.applyTimer(product.id), wantedBy: "timers.target")
  }

  /// The agent's way to ask for a poll: an event, not a state, for it could not be lowered by anybody but the agent.
  static func requestPath(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> UnitFile {
    var text = try UnitText(description: "\(product.name.text): asks for an update")
    try addEarlyOrder(to: &text)
    text.section("Path")
    try text.add("PathChanged", paths.updateRequest.string)
    // A poll brings it up again, should the agent ask too often.
    try text.add("TriggerLimitIntervalSec", "10min")
    try text.add("TriggerLimitBurst", "5")
    return text.file(Name.requestPath(product.id), wantedBy: "multi-user.target")
  }

  static func apply(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> UnitFile {
    var text = try UnitText(description: "\(product.name.text): apply updates")
    try text.add("After", Name.recover(product.id))
    return try service(ProcessPlan.apply(paths), text, product)
  }

  /// Enabled, but held back by its condition unless a version is on probation. apply makes the flag, then starts the
  /// timer; at a boot during probation systemd starts it by itself, after recover had its say.
  static func proveTimer(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> UnitFile {
    var text = try UnitText(description: "\(product.name.text): watches a new version")
    try text.add("After", Name.recover(product.id))
    try addEarlyOrder(to: &text)
    try text.add("ConditionPathExists", paths.proving.string)
    text.section("Timer")
    try text.add("OnBootSec", "30s")
    try text.add("OnUnitActiveSec", "10s")
    try text.add("AccuracySec", "1s")
    return text.file(Name.proveTimer(product.id), wantedBy: "timers.target")
  }

  static func prove(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> UnitFile {
    var text = try UnitText(description: "\(product.name.text): one look at a new version")
    try text.add("After", Name.recover(product.id))
    try text.add("ConditionPathExists", paths.proving.string)
    return try service(ProcessPlan.prove(paths), text, product)
  }

  static func recover(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> UnitFile {
    var text = try UnitText(description: "\(product.name.text): finish or undo what was interrupted")
    let before =
      [
        Name.fetch(product.id), Name.apply(product.id), Name.applyPath(product.id), Name.applyTimer(product.id),
        Name.proveTimer(product.id),
      ]
      + product.services.map { $0.unit(of: product.id) }
    try text.add("RequiresMountsFor", "\(paths.opt) \(paths.state)")
    try text.add("Before", before.joined(separator: " "))
    return try service(ProcessPlan.recover(paths), text, product, wantedBy: "multi-user.target") {
      (text) throws(ServicesError) in
      // Stays active until shutdown, when it stops after everything that it comes before: the mark then says that
      // this boot ended in order. Done without the updater, so that it also works for a broken one.
      try text.add("RemainAfterExit", "yes")
      try text.add("ExecStop", "/bin/sh -c 'echo %b >\(paths.cleanShutdown)'")
      try text.add("TimeoutStopSec", "8s")
    }
  }

  static func rescue(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> UnitFile {
    // No After= on the agent or apply, and no Conflicts=: it stops apply itself when apply does not give up the lock.
    try service(
      ProcessPlan.rescue(paths), try UnitText(description: "\(product.name.text): rescue"), product)
  }

  /// For a path or timer that waits for recover. By default it would come before basic.target, which every service
  /// comes after, recover too: a cycle, out of which systemd throws one job, at each boot and shutdown.
  private static func addEarlyOrder(to text: inout UnitText) throws(ServicesError) {
    try text.add("DefaultDependencies", "no")
    try text.add("After", "sysinit.target")
    try text.add("Conflicts", "shutdown.target")
    try text.add("Before", "shutdown.target")
  }

  private static func service(
    _ plan: ProcessPlan, _ unit: UnitText, _ product: ProductManifest, wantedBy: String? = nil,
    _ more: (inout UnitText) throws(ServicesError) -> Void = { (_) throws(ServicesError) in }
  ) throws(ServicesError) -> UnitFile {
    var text = unit
    try addLimits(plan, id: product.id, to: &text)
    text.section("Service")
    try text.add("Type", "oneshot")
    try addProcess(plan, to: &text)
    try more(&text)
    if plan.unit == Name.apply(product.id) { try text.add("TimeoutStopSec", "10s") }
    try text.add("SyslogIdentifier", String(plan.unit.prefix { $0 != "@" }) + "-\(product.id)")
    text.add(plan.sandbox.unitLines)
    return text.file(plan.unit, wantedBy: wantedBy)
  }
}
