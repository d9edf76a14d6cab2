//! The fast path: interval propagation and a small, bounded case split.
//!
//! It answers most questions in microseconds and never wrongly: an assignment is checked against
//! the whole term before it is returned, and a contradiction comes from sound propagation over
//! every case. What it cannot settle within its budget it leaves to the solver.

use super::ranges::Ranges;
use super::term::{Problem, Term, Var};

/// How many cases are tried before giving up: bounds both the time and the depth of the recursion.
const BUDGET: usize = 400;
/// How many rounds of bounds propagation through differences are made.
const ROUNDS: usize = 16;

/// What the fast path found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quick {
    /// These values make the problem true.
    Sat(Vec<i64>),
    /// Nothing does.
    Unsat,
    /// It is for the solver to say.
    Open,
}

/// Tries to settle a problem without the solver.
pub fn search(problem: &Problem) -> Quick {
    let domains = problem.vars.iter().map(|bounds| Ranges::between(bounds.low, bounds.high)).collect();
    let mut search = Search { problem, budget: BUDGET };
    search.branch(Case { domains, choices: Vec::new(), differences: Vec::new() }, vec![&problem.term])
}

/// A conjunction on the way: what each variable may still be, what is still to be chosen.
#[derive(Clone)]
struct Case<'p> {
    domains: Vec<Ranges>,
    choices: Vec<&'p [Term]>,
    differences: Vec<(Var, Var, i64)>,
}

struct Search<'p> {
    problem: &'p Problem,
    budget: usize,
}

impl<'p> Search<'p> {
    fn branch(&mut self, mut case: Case<'p>, mut queue: Vec<&'p Term>) -> Quick {
        let choice = loop {
            if !case.absorb(&mut queue) || !case.propagate() {
                return Quick::Unsat;
            }
            match case.simplify(&mut queue) {
                None => return Quick::Unsat,
                Some(_) if !queue.is_empty() => {}
                Some(None) => return self.assign(case),
                Some(Some(choice)) => break choice,
            }
        };
        let mut open = false;
        for alternative in choice {
            if case.status(alternative) == Some(false) {
                continue;
            }
            if self.budget == 0 {
                return Quick::Open;
            }
            self.budget -= 1;
            match self.branch(case.clone(), vec![alternative]) {
                Quick::Sat(values) => return Quick::Sat(values),
                Quick::Open => open = true,
                Quick::Unsat => {}
            }
        }
        if open { Quick::Open } else { Quick::Unsat }
    }

    /// All that is left are domains and differences: picks values, the preferred ones first.
    fn assign(&self, mut case: Case<'p>) -> Quick {
        for (at, bounds) in self.problem.vars.iter().enumerate() {
            let Some(value) = case.domains[at].closest(bounds.prefer) else { return Quick::Open };
            case.domains[at] = Ranges::only(value);
            if !case.differences.is_empty() && !case.propagate() {
                return Quick::Open;
            }
        }
        let values: Option<Vec<i64>> = case.domains.iter().map(Ranges::low).collect();
        match values {
            Some(values) if self.problem.accepts(&values) => Quick::Sat(values),
            _ => Quick::Open,
        }
    }
}

impl<'p> Case<'p> {
    /// Takes the queue's terms in; false when a domain becomes empty.
    fn absorb(&mut self, queue: &mut Vec<&'p Term>) -> bool {
        while let Some(term) = queue.pop() {
            match term {
                Term::All(parts) => queue.extend(parts),
                Term::Any(parts) => self.choices.push(parts),
                Term::In(var, ranges) => {
                    let domain = &mut self.domains[var.index()];
                    *domain = domain.meet(ranges);
                    if domain.is_empty() {
                        return false;
                    }
                }
                Term::Diff { left, right, most } => self.differences.push((*left, *right, *most)),
            }
        }
        true
    }

    /// Narrows domains through the differences; false on a contradiction.
    fn propagate(&mut self) -> bool {
        for _ in 0..ROUNDS {
            let mut changed = false;
            for &(left, right, most) in &self.differences {
                let (Some(low), Some(high)) =
                    (self.domains[left.index()].low(), self.domains[right.index()].high())
                else {
                    return false;
                };
                // Saturation only widens at the ends of the line, where nothing lies beyond.
                changed |= narrow(&mut self.domains[left.index()], &Ranges::up_to(high.saturating_add(most)));
                changed |= narrow(&mut self.domains[right.index()], &Ranges::from(low.saturating_sub(most)));
                if self.domains[left.index()].is_empty() || self.domains[right.index()].is_empty() {
                    return false;
                }
            }
            if !changed {
                return true;
            }
        }
        !self.is_circular()
    }

    /// Whether the differences contradict each other whatever the domains are: along a cycle of
    /// them a variable would be less than itself. Domains would shrink to nothing step by step.
    fn is_circular(&self) -> bool {
        let mut most_above = vec![0i128; self.domains.len()];
        // A longest way through them takes each once; what still falls then falls for ever.
        (0..=self.differences.len()).all(|_| {
            let mut falls = false;
            for &(left, right, most) in &self.differences {
                let bound = most_above[right.index()] + i128::from(most);
                if bound < most_above[left.index()] {
                    most_above[left.index()] = bound;
                    falls = true;
                }
            }
            falls
        })
    }

    /// Drops choices that are made, queues those with one alternative left. `None` when one has
    /// none left, else the choice with the fewest alternatives, if any is open.
    fn simplify(&mut self, queue: &mut Vec<&'p Term>) -> Option<Option<&'p [Term]>> {
        let mut kept = Vec::with_capacity(self.choices.len());
        for choice in std::mem::take(&mut self.choices) {
            let mut live = choice.iter().filter(|part| self.status(part) != Some(false));
            let first = live.next()?;
            let others = live.count();
            if choice.iter().any(|part| self.status(part) == Some(true)) {
                continue;
            }
            if others == 0 {
                queue.push(first);
            } else {
                kept.push((others, choice));
            }
        }
        let best = kept.iter().enumerate().min_by_key(|(_, (others, _))| *others).map(|(at, _)| at);
        let picked = best.filter(|_| queue.is_empty()).map(|at| kept.remove(at).1);
        self.choices = kept.into_iter().map(|(_, choice)| choice).collect();
        Some(picked)
    }

    /// Whether the domains alone make a term true or false.
    fn status(&self, term: &Term) -> Option<bool> {
        match term {
            Term::All(parts) => self.fold(parts, false),
            Term::Any(parts) => self.fold(parts, true),
            Term::In(var, ranges) => {
                let domain = &self.domains[var.index()];
                if domain.within(ranges) {
                    Some(true)
                } else if domain.meet(ranges).is_empty() {
                    Some(false)
                } else {
                    None
                }
            }
            Term::Diff { left, right, most } => {
                let (left, right) = (&self.domains[left.index()], &self.domains[right.index()]);
                let least = i128::from(left.low()?) - i128::from(right.high()?);
                let greatest = i128::from(left.high()?) - i128::from(right.low()?);
                if greatest <= i128::from(*most) {
                    Some(true)
                } else if least > i128::from(*most) {
                    Some(false)
                } else {
                    None
                }
            }
        }
    }

    /// The status of a disjunction (`decisive` is true) or a conjunction (false).
    fn fold(&self, parts: &[Term], decisive: bool) -> Option<bool> {
        let mut open = false;
        for part in parts {
            match self.status(part) {
                Some(value) if value == decisive => return Some(decisive),
                Some(_) => {}
                None => open = true,
            }
        }
        if open { None } else { Some(!decisive) }
    }
}

fn narrow(domain: &mut Ranges, to: &Ranges) -> bool {
    if domain.within(to) {
        return false;
    }
    *domain = domain.meet(to);
    true
}
