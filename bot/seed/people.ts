import type { Language } from '../../flows/types.ts';

/** Where an invented buyer's story ends today. */
export type Ending =
  | 'asked'
  | 'quiet'
  | 'qualified'
  | 'visitAhead'
  | 'visited'
  | 'missedVisit'
  | 'negotiating'
  | 'lost'
  | 'optedOut'
  | 'papersMissing'
  | 'papersSentBack'
  | 'papersInReview'
  | 'agreementDue'
  | 'paidUp'
  | 'dueSoon'
  | 'overdue'
  | 'promised'
  | 'saysPaid'
  | 'disputes'
  | 'asksWaiver'
  | 'threatens'
  | 'bereaved';

/** An invented buyer. Nobody has these numbers. */
export type Person = {
  name: string;
  /** E.164. */
  number: string;
  language: Language;
  wants: '2BHK' | '3BHK' | '4BHK';
  ending: Ending;
};

type Row = [name: string, language: Language, wants: Person['wants'], ending: Ending];

const ROWS: readonly Row[] = [
  ['Asha Rao', 'en', '3BHK', 'asked'],
  ['Mohit Bansal', 'hinglish', '2BHK', 'asked'],
  ['Sunita Yadav', 'hi', '2BHK', 'asked'],
  ['Joseph Kurian', 'en', '4BHK', 'asked'],
  ['Pooja Sinha', 'hinglish', '3BHK', 'quiet'],
  ['Harpreet Gill', 'en', '3BHK', 'quiet'],
  ['Ramesh Tiwari', 'hi', '2BHK', 'quiet'],
  ['Neha Kulkarni', 'en', '2BHK', 'qualified'],
  ['Imran Sheikh', 'hinglish', '3BHK', 'qualified'],
  ['Kavya Menon', 'en', '3BHK', 'qualified'],
  ['Deepak Chauhan', 'hi', '2BHK', 'qualified'],
  ['Ritu Agarwal', 'en', '4BHK', 'qualified'],
  ['Sameer Joshi', 'en', '3BHK', 'visitAhead'],
  ['Anita Desai', 'en', '2BHK', 'visitAhead'],
  ['Vivek Pandey', 'hinglish', '3BHK', 'visitAhead'],
  ['Farida Ansari', 'en', '4BHK', 'visitAhead'],
  ['Gaurav Mehta', 'en', '3BHK', 'visited'],
  ['Lata Krishnan', 'en', '2BHK', 'visited'],
  ['Suresh Rathore', 'hinglish', '3BHK', 'visited'],
  ['Nisha Verma', 'en', '3BHK', 'missedVisit'],
  ['Prakash Shetty', 'en', '4BHK', 'missedVisit'],
  ['Rahul Saxena', 'en', '3BHK', 'negotiating'],
  ['Shalini Gupta', 'hinglish', '2BHK', 'negotiating'],
  ['Thomas Abraham', 'en', '4BHK', 'negotiating'],
  ['Meena Kumari', 'hi', '2BHK', 'negotiating'],
  ['Ajay Khanna', 'en', '3BHK', 'lost'],
  ['Bhavna Patel', 'en', '2BHK', 'lost'],
  ['Chetan Mishra', 'hinglish', '3BHK', 'lost'],
  ['Devika Nambiar', 'en', '4BHK', 'lost'],
  ['Ehsan Qureshi', 'en', '2BHK', 'optedOut'],
  ['Geeta Solanki', 'hi', '2BHK', 'optedOut'],
  ['Hemant Lal', 'en', '3BHK', 'papersMissing'],
  ['Indira Bose', 'en', '2BHK', 'papersMissing'],
  ['Jatin Arora', 'hinglish', '3BHK', 'papersMissing'],
  ['Kiran Bedekar', 'en', '4BHK', 'papersSentBack'],
  ['Leena Thapa', 'en', '2BHK', 'papersSentBack'],
  ['Manish Goel', 'en', '3BHK', 'papersInReview'],
  ['Nandini Reddy', 'en', '3BHK', 'papersInReview'],
  ['Omkar Jadhav', 'hinglish', '2BHK', 'agreementDue'],
  ['Priya Nair', 'en', '3BHK', 'agreementDue'],
  ['Qamar Zaidi', 'en', '3BHK', 'paidUp'],
  ['Rekha Iyengar', 'en', '2BHK', 'paidUp'],
  ['Sanjana Pillai', 'en', '3BHK', 'paidUp'],
  ['Tarun Chopra', 'en', '4BHK', 'paidUp'],
  ['Uma Shankar', 'hi', '2BHK', 'paidUp'],
  ['Varun Malik', 'en', '3BHK', 'dueSoon'],
  ['Wasim Akhtar', 'hinglish', '2BHK', 'dueSoon'],
  ['Yamini Rao', 'en', '3BHK', 'dueSoon'],
  ['Zoya Khan', 'en', '3BHK', 'overdue'],
  ['Aditya Rane', 'en', '2BHK', 'overdue'],
  ['Bindu Varghese', 'en', '3BHK', 'overdue'],
  ['Chirag Shah', 'hinglish', '4BHK', 'overdue'],
  ['Divya Bhatt', 'en', '2BHK', 'promised'],
  ['Eshan Kapoor', 'hinglish', '3BHK', 'promised'],
  ['Falguni Dave', 'en', '3BHK', 'saysPaid'],
  ['Girish Hegde', 'en', '2BHK', 'saysPaid'],
  ['Heena Parekh', 'en', '3BHK', 'disputes'],
  ['Ishaan Trivedi', 'en', '2BHK', 'asksWaiver'],
  ['Jaya Balan', 'en', '3BHK', 'threatens'],
  ['Kishore Kumar Das', 'en', '2BHK', 'bereaved'],
];

/** The sixty buyers of the demonstration, in the order of the journey. */
export const PEOPLE: readonly Person[] = ROWS.map(([name, language, wants, ending], index) => ({
  name,
  number: `+9199999${String(2_001 + index).padStart(5, '0')}`,
  language,
  wants,
  ending,
}));
