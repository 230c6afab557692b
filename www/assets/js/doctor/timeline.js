// The times on a line, and beneath it the same as a list, which is what screen readers get.

import { make } from './elements.js';
import { when } from './step.js';

/** Marks that are closer than this, in percent of the line, could not be told apart. */
const CLOSEST = 7;

/** @param {import('./step.js').Moment[]} moments in order */
export function timeline(moments) {
  const now = moments.find(({ mark }) => mark === 'now').at * 1000;
  const { places, isToScale } = placed(moments.map(({ at }) => at));
  const line = make('div', { className: 'line', aria: { hidden: 'true' } }, ...spans(moments, places), ...moments.map(({ mark }, index) => at(make('span', { className: 'mark', data: { mark } }, mark === 'now' ? 'now' : ''), places[index])));
  const entry = ({ label, mark, at: time }) => make('li', { data: { mark } }, make('span', { className: 'moment' }, label), ' ', make('span', { className: 'moment-time' }, mark === 'now' ? when(time, now).replace(/ \(.*/u, '') : when(time, now)));
  const list = make('ol', { className: 'moments', aria: { label: isToScale ? 'In order of time' : 'In order of time; the line is not to scale' } }, ...moments.map(entry));
  const parts = [line, list];
  if (!isToScale) parts.splice(1, 0, make('p', { className: 'scale', aria: { hidden: 'true' } }, 'not to scale'));
  return make('div', { className: 'timeline' }, ...parts);
}

/** Where on the line, in percent: by the distance in time, or evenly where that would put two marks on one another. */
function placed(times) {
  const [first, last] = [times[0], times.at(-1)];
  const distinct = [...new Set(times)];
  const linear = (time) => 4 + (92 * (time - first)) / (last - first);
  const isToScale = last > first && distinct.every((time, index) => index === 0 || linear(time) - linear(distinct[index - 1]) >= CLOSEST);
  const even = (time) => (distinct.length === 1 ? 50 : 4 + (92 * distinct.indexOf(time)) / (distinct.length - 1));
  return { places: times.map(isToScale ? linear : even), isToScale };
}

/** How long the token is valid: from when it was issued, or is valid, to its end. */
function spans(moments, places) {
  const place = (mark) => places[moments.findIndex((moment) => moment.mark === mark && moment.label !== 'Seal expires')];
  const [start, end] = [place('valid-from') ?? place('issued'), place('expires')];
  if (start === undefined || end === undefined || end <= start) return [];
  const span = at(make('span', { className: 'span' }), start);
  span.style.width = `${end - start}%`;
  return [span];
}

function at(element, place) {
  element.style.left = `${place}%`;
  return element;
}
