import Product
import SystemPackage

extension ProcessPlan {
  /// One service of the agent, run from the current tree. Throws `malformed` when it names no program.
  public static func agent(
    _ service: AgentService, of product: ProductManifest, _ paths: UnitPaths
  ) throws(ServicesError) -> ProcessPlan {
    guard let program = service.command.first, !program.isEmpty else {
      throw ServicesError(.malformed, "services.\(service.name).command: names no program")
    }
    var plan = ProcessPlan(
      unit: service.unit(of: product.id),
      kind: .agent(restartDelay: service.restart.delaySeconds, stopLimit: service.restart.stopSeconds),
      command: [paths.current.appending(program).string] + service.command.dropFirst(), user: service.user,
      sandbox: .agent(service))
    plan.environment = service.environment
    plan.directory = paths.current
    plan.folders = folders(of: service, in: product)
    plan.startLimit = StartLimit(interval: service.restart.intervalSeconds, burst: service.restart.burst)
    plan.rescued = true
    return plan
  }

  /// All the processes of a product, the updater's first.
  public static func all(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> [ProcessPlan] {
    let fixed = [recover(paths), fetch(paths), apply(paths), prove(paths), rescue(paths)]
    return fixed
      + (try product.services.map { (service) throws(ServicesError) in try agent(service, of: product, paths) })
  }

  /// The first service has `/run/ID`, `/var/lib/ID` and the log folder `agent`; each further one folders of its own, for
  /// no two users may own one. The product's data folders go to the services of its first service's user.
  private static func folders(of service: AgentService, in product: ProductManifest) -> [ServiceFolder] {
    let own = service.ownFolder(in: product)
    let leaf = own == product.id.text ? "agent" : "agent-\(service.name)"
    let data = service.user == product.services.first?.user ? product.data.map { "\(product.id)/\($0.name)" } : []
    return ([own] + data).map { ServiceFolder(.state, $0, mode: 0o750) }
      + [
        ServiceFolder(.logs, "slipway/\(product.id)/\(leaf)", mode: 0o750),
        ServiceFolder(.runtime, own),
      ]
  }
}

extension AgentService {
  /// The name of the service's folders below `/run` and `/var/lib`.
  public func ownFolder(in product: ProductManifest) -> String {
    name == product.services.first?.name ? product.id.text : "\(product.id)-\(name)"
  }
}
