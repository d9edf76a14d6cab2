//! The requests that a finding shows, held to what the finding says: each is of the kind that its
//! rule speaks of, as the evaluator sees it, and stops being so when anything optional is left out.

use bailiwick_compiler::diagnostic::Diagnostic;
use bailiwick_compiler::evaluator::{Clause, authorises, covered_by, decide, failing, forbids, holds};
use bailiwick_compiler::model::*;
use bailiwick_compiler::request::{Request, read};
use bailiwick_compiler::{Database, compile_text};
use bailiwick_testkit::less;

/// What is wrong with a finding's requests, if anything is.
pub fn wrong(model: &Model, finding: &Diagnostic) -> Option<String> {
    let requests = finding.witness.iter().flat_map(|witness| &witness.requests);
    requests.filter_map(|(role, text)| wrong_with(model, finding, role, text)).next()
}

fn wrong_with(model: &Model, finding: &Diagnostic, role: &str, text: &str) -> Option<String> {
    let request = match read(model, text) {
        Ok(request) => request,
        Err(why) => return Some(format!("{role} is ill formed: {}\n{text}", why.0)),
    };
    let shown = Shown { model, finding, role, grants: authorising(model, &request) };
    if !shown.by(&request) {
        return Some(format!("{role} does not show it\n{text}"));
    }
    let mut spare = less(model, &request).into_iter().filter(|less| !shown.shared(&request, less));
    let spare = spare.find(|less| shown.by(less))?;
    Some(format!("{role} shows more than it needs\n{text}\nit could be\n{spare:?}"))
}

fn authorising<'m>(model: &'m Model, request: &Request) -> Vec<&'m Grant> {
    model.grants.iter().map(|grant| &**grant).filter(|grant| authorises(model, grant, request)).collect()
}

/// What a finding says of the request that plays a role in it.
struct Shown<'a> {
    model: &'a Model,
    finding: &'a Diagnostic,
    role: &'a str,
    /// The grants that authorise it: one of them is meant.
    grants: Vec<&'a Grant>,
}

impl Shown<'_> {
    /// Whether a request is of that kind.
    fn by(&self, request: &Request) -> bool {
        let model = self.model;
        let allowed = || decide(model, request).is_allow();
        match self.finding.code {
            "over-privilege" => {
                let needs = |grant: &Grant| &model.purpose(grant.purpose).needs;
                self.grant(|grant| {
                    allowed()
                        && authorises(model, grant, request)
                        && !covered_by(model, &needs(grant).lines, &needs(grant).covers, request)
                })
            }
            "beyond-ceiling" => self.grant(|grant| {
                let broken = |ceiling: &Ceiling| {
                    request.chain.iter().any(|&agent| ceiling.agents.contains(agent))
                        && !(covered_by(model, &ceiling.lines, &ceiling.covers, request)
                            && holds(model, &ceiling.when, request))
                };
                let mut ceilings =
                    model.ceilings.iter().filter(|one| Some(&one.name) == self.finding.rule.as_ref());
                allowed() && authorises(model, grant, request) && ceilings.any(|one| broken(one))
            }),
            "beyond-owner" => self.grant(|grant| {
                let owner = model.agent(grant.to).owner;
                let mut holders = model.people_of(owner);
                holders.insert(owner);
                let held = |who| {
                    let holds = model.principal(who).holds.as_ref();
                    holds.is_some_and(|held| covered_by(model, &held.lines, &held.covers, request))
                };
                allowed() && authorises(model, grant, request) && !holders.iter().any(held)
            }),
            "overridden-grant" => self.grant(|grant| {
                authorises(model, grant, request)
                    && model.forbids.iter().any(|forbid| forbids(model, forbid, request))
            }),
            "approval-impossible" => self.grant(|grant| {
                let failing = failing(model, grant, request);
                let approval = |clause: &Clause| matches!(clause, Clause::Approval { .. });
                !failing.is_empty() && failing.iter().all(approval)
            }),
            "separation-of-duties" | "toxic-combination" => self.leg(request),
            "proof-failed" => {
                let of_it = |proof: &&std::sync::Arc<Proof>| {
                    self.finding.at.as_ref().is_some_and(|at| at.module == proof.origin.module)
                };
                let properties = model.proofs.iter().filter(of_it).flat_map(|proof| &proof.properties);
                let at = self.finding.at.as_ref().map(|at| at.span);
                let mut properties = properties.filter(|(_, span)| Some(*span) == at);
                properties.any(|(property, _)| self.refutes(property, request))
            }
            "standard-not-met" => self.grant(|grant| authorises(model, grant, request)),
            // A hand-over, or what is reached by one.
            _ => allowed() && self.grants.iter().all(|grant| authorises(model, grant, request)),
        }
    }

    /// Whether something is so of the grant that the finding is about.
    fn grant(&self, is: impl Fn(&Grant) -> bool) -> bool {
        let name = self.finding.subject.as_ref().map(|(_, name)| name);
        self.model.grants.iter().any(|grant| Some(&grant.name) == name && is(grant))
    }

    /// The rule that is broken, and the leg or duty that the request fills.
    fn rule(&self) -> Option<(&Combination, &Leg)> {
        let rule =
            self.model.combinations.iter().find(|rule| Some(&rule.name) == self.finding.rule.as_ref())?;
        Some((rule, rule.legs.iter().find(|leg| *leg.name == *self.role)?))
    }

    fn leg(&self, request: &Request) -> bool {
        let Some((_, leg)) = self.rule() else { return false };
        let (model, mut alone) = (self.model, request.clone());
        if leg.unless_approved {
            alone.approvals.clear();
        }
        leg.ops.contains(request.op)
            && leg.meets.as_ref().is_none_or(|met| met.meets(&request.data))
            && holds(model, &leg.cond, request)
            && decide(model, &alone).is_allow()
            && self.grants.iter().all(|grant| authorises(model, grant, request))
    }

    fn refutes(&self, property: &Property, request: &Request) -> bool {
        let model = self.model;
        let is = |call: &Call| call.ops.contains(request.op) && holds(model, &call.cond, request);
        let meets = |call: &Call| call.data.as_ref().is_none_or(|met| met.meets(&request.data));
        let among = |agents: &AgentSet| request.chain.iter().any(|&agent| agents.contains(agent));
        let outside = |agents: &AgentSet| request.chain.iter().any(|&agent| !agents.contains(agent));
        let allowed = decide(model, request).is_allow();
        match property {
            Property::Never(agents, call) => allowed && is(call) && meets(call) && among(agents),
            Property::Only(agents, call) => allowed && is(call) && meets(call) && outside(agents),
            Property::Always(agent, purpose, call) => {
                let covered = call.data.as_ref().is_none_or(|all| request.data.is_subset(all));
                !allowed && is(call) && covered && request.chain == [*agent] && request.purpose == *purpose
            }
        }
    }

    /// Whether what was left out is not for one request to do without: others of the finding have
    /// it too, in one session or by a `joining`.
    fn shared(&self, request: &Request, less: &Request) -> bool {
        let Some((rule, _)) = self.rule() else { return false };
        let session = request.session != less.session || request.authn != less.authn;
        rule.scope == Scope::Session && session || !rule.joins.is_empty() && request.args != less.args
    }
}

#[test]
fn a_request_that_shows_more_or_something_else_is_caught() {
    let text = "data money { sensitivity restricted }\nperson alice { email \"alice@acme.example\" }\n\
        tool pay { arg amount: int  arg note?: string  effect write  writes money }\n\
        purpose p { \"Pay.\"  needs pay where args.amount <= 5  needs data money }\n\
        agent a { owner alice }\ngrant g { to a for p  allow pay  on money  expires 2027-06-30 }\n";
    let compiled = compile_text(&[("main", text)]);
    let (model, now) = (&compiled.model, 1_796_083_200);
    let findings = bailiwick_analyzer::analyze(&Database::default(), model, now);
    let finding = findings.iter().find(|one| one.code == "over-privilege").expect("it is found");
    assert_eq!(wrong(model, finding), None);
    let with = |from: &str, to: &str| {
        let mut other = (*finding).clone();
        let shown = &mut other.witness.as_mut().expect("it is shown").requests[0].1;
        assert!(shown.contains(from), "{shown}");
        *shown = shown.replace(from, to);
        wrong(model, &other).unwrap_or_default()
    };
    assert!(with("\"amount\": 6", "\"amount\": 6, \"note\": \"x\"").contains("shows more than it needs"));
    assert!(with("\"api-key\"", "\"mtls\"").contains("shows more than it needs"));
    assert!(with("\"amount\": 6", "\"amount\": 5").contains("does not show it"));
    assert!(with("\"amount\": 6", "\"amount\": true").contains("ill formed"));
}
