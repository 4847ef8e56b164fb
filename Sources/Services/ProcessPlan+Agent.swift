import SystemPackage

extension ProcessPlan {
  /// One service of the agent, run from the current tree. Throws `malformed` when its values fit no unit.
  public static func agent(
    _ service: ServiceSpec, of product: ProductSpec, _ paths: UnitPaths
  ) throws(ServicesError) -> ProcessPlan {
    guard let program = service.command.first, !program.isEmpty else {
      throw ServicesError(.malformed, "services.\(service.name).command: names no program")
    }
    let path = program.hasPrefix("/") ? program : paths.current.appending(program).string
    let leaf = product.services.count == 1 ? "agent" : "agent-\(service.name)"
    let own = "\(product.id)-\(service.name)"
    var plan = ProcessPlan(
      unit: product.unit(of: service), kind: .agent, command: [path] + service.command.dropFirst(),
      user: service.user, environment: service.environment, sandbox: try .agent(service))
    plan.directory = paths.current
    plan.folders =
      (service.data.isEmpty ? [own] : service.data).map { ServiceFolder(.state, $0, mode: 0o750) }
      + [
        ServiceFolder(.logs, "slipway/\(product.id)/\(leaf)", mode: 0o750),
        ServiceFolder(.runtime, own),
      ]
    plan.startLimit = StartLimit(interval: 60, burst: 3)
    plan.rescued = true
    return plan
  }

  /// All the processes of a product, the updater's first.
  public static func all(_ product: ProductSpec, _ paths: UnitPaths) throws(ServicesError) -> [ProcessPlan] {
    var plans = [recover(paths), fetch(paths), apply(paths), prove(paths), rescue(paths)]
    for service in product.services { plans.append(try agent(service, of: product, paths)) }
    return plans
  }
}
