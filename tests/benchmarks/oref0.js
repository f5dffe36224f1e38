// Times oref0's safety path: for each line of stdin (`caps N` or `decision N`) nanoseconds a call.
//
// `caps` is setTempBasal: the only check that every temporary rate of oref0 passes, without memory.
// `decision` is what stands for a kernel step there: insulin on board from six hours of history,
// then determine_basal, which suspends, predicts and holds max_iob. It is a controller too, so it
// does more than a gate; it keeps no rolling windows, no ids and no second copy, so it does less.
// Insulin on board is taken at this instant only; oref0 itself works out 48 instants to come as well.
'use strict';

const path = require('path');
const readline = require('readline');

console.error = () => {};
process.stderr.write = () => true;

const lib = path.join(path.resolve(process.argv[2]), 'lib');
const temporary = require(path.join(lib, 'basal-set-temp'));
const calculate = require(path.join(lib, 'iob', 'calculate'));
const total = require(path.join(lib, 'iob', 'total'));
const decide = require(path.join(lib, 'determine-basal', 'determine-basal'));

const MINUTE = 60000;
const NOW = 1700000000000;
const profile = {
  max_iob: 6, dia: 6, curve: 'rapid-acting', type: 'current', current_basal: 1, max_daily_basal: 1.2,
  max_basal: 5, max_bg: 120, min_bg: 100, sens: 40, carb_ratio: 10, model: '554',
};
const treatments = [];
for (let ago = 5; ago < 6 * 60; ago += 5) {
  treatments.push({ insulin: ago % 10 ? 0.05 : -0.05, date: NOW - ago * MINUTE });
}
for (const ago of [40, 130, 260]) {
  treatments.push({ insulin: 3, date: NOW - ago * MINUTE });
}
const meal = {
  carbs: 0, nsCarbs: 0, bwCarbs: 0, journalCarbs: 0, mealCOB: 0, currentDeviation: 0, maxDeviation: 0,
  minDeviation: 0, slopeFromMaxDeviation: 0, slopeFromMinDeviation: 0, allDeviations: [0, 0, 0, 0, 0],
};

const contenders = {
  caps(i) {
    return temporary.setTempBasal(i % 8, 30, profile, { reason: '' }, { duration: 0, rate: 0 }).rate;
  },
  decision(i) {
    const board = total({ calculate, treatments, profile }, new Date(NOW));
    const glucose = { glucose: 70 + (i % 150), delta: (i % 7) - 3, short_avgdelta: 0, long_avgdelta: 0 };
    const running = { duration: 0, rate: 0, temp: 'absolute' };
    return decide(glucose, running, board, profile, { ratio: 1 }, meal, temporary, false).reason.length;
  },
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const [name, count] = line.split(' ');
  const call = contenders[name];
  let told = 0;
  const begin = process.cpuUsage();
  for (let i = 0; i < Number(count); i += 1) told += call(i);
  const used = process.cpuUsage(begin);
  if (!(told > 0)) throw new Error(`${name}: oref0 decided nothing`);
  console.log(((used.user + used.system) * 1000) / Number(count));
});
