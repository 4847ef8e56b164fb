/// Decides by which ways servers are reached, as the settings say. A script is brought once, when it is first needed.
public actor ProxyChooser {
  private enum Source {
    case script(PACEvaluator, rule: String)
    /// The network offers no script.
    case nothing
  }

  /// The name of the last good script's file, in the folder that it is kept in.
  public static let keptScript = KeptScript.name

  private let settings: ProxySettings
  private let surroundings: ProxySurroundings
  private var source: Task<Result<Source, ProxyError>, Never>?

  public init(_ settings: ProxySettings, _ surroundings: ProxySurroundings) {
    self.settings = settings
    self.surroundings = surroundings
  }

  /// The ways to a URL's server, and why it is these.
  public func decision(for url: String) async throws(ProxyError) -> ProxyDecision {
    guard let origin = WebOrigin(url) else {
      throw ProxyError(.address, "'\(url)' is no http or https URL", remedy: "give one such as https://example.com/")
    }
    if let decision = settings.decision(for: origin) { return decision }
    switch try await loaded().get() {
    case .nothing:
      return ProxyDecision(settings.mode, rule: "the network offers no proxy script", routes: [.direct])
    case .script(let evaluator, let rule):
      do {
        return ProxyDecision(
          settings.mode, rule: rule, routes: try await evaluator.routes(for: url, host: origin.host))
      } catch {
        throw ProxyError(.evaluation, error.description, remedy: error.remedy)
      }
    }
  }

  private func loaded() async -> Result<Source, ProxyError> {
    if let source { return await source.value }
    let task = Task { await load() }
    source = task
    return await task.value
  }

  private func load() async -> Result<Source, ProxyError> {
    let bringer = ScriptBringer(surroundings: surroundings)
    do throws(ProxyError) {
      let brought: ScriptBringer.Brought
      switch (settings.mode, settings.script) {
      case (.autodetect, _):
        guard let found = try await bringer.detected() else {
          surroundings.log("the network offers no proxy script: servers are reached directly")
          return .success(.nothing)
        }
        brought = found
      case (.autoscript, let script?): brought = try await bringer.script(from: script)
      default:
        throw ProxyError(
          .scriptUnavailable, "no proxy script is set", remedy: "set one: slipway proxy set autoscript URL")
      }
      let evaluator = PACEvaluator(
        script: brought.script, source: brought.source, launch: surroundings.launch, names: surroundings.names,
        log: surroundings.log)
      return .success(.script(evaluator, rule: "script \(brought.source)"))
    } catch { return .failure(error) }
  }
}
